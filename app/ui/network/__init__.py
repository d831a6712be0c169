"""The page of the network: the offline switch, and every connection that was made or refused."""
