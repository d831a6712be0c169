"""The steps from a bare checkout to a running Inglenook: standard library only, one job to a module."""
