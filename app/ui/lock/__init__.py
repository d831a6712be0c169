"""The lock of the profile as the user meets it: the page that opens it, its dialog, and what locks by itself."""
