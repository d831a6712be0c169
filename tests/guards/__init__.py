"""What makes the tests loud: each module is a pytest plugin that fails a test for one kind of mess."""
