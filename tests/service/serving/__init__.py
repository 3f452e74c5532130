"""The house's processes: restarts, slow clients, full disks, sockets, units."""
