"""What `manage.py up` decides before it hands over to the supervisor."""
