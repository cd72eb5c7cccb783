"""Routes of operations: control room, exceptions, heat map, repairs."""
