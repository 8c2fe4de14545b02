"""The open scene as plain data: settings, what they mean to the farm, checks, the saved copy."""
