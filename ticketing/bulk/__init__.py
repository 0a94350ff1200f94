"""Many tickets at once: import of other systems' files, export, and the demo city's tickets."""
