"""Regions, departments, duties, staff, access and the working calendar."""
