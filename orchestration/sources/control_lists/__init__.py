"""Users' own control lists: which codes a list names, in which edition, from when to when."""
