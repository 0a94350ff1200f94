"""The desk's pages: each checks who asks, reads what was sent, calls the domain and renders."""
