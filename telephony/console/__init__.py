"""The agent's console and the supervisor's board: pages, their API, their sockets."""
