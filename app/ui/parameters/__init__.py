"""Forms made from declarations, and the dialogs in which a model's parameters and the settings are chosen."""
