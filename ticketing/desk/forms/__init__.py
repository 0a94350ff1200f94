"""The desk's forms: filters, actions made from the commands, and new tickets."""
