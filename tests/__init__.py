"""Everything that shows whether Inglenook does what it says."""
