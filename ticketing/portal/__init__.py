"""The citizens' portal: file, receive a number, follow, answer back, read what others were answered."""
