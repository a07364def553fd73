"""The whole stack as processes, in a real browser and on mended or broken wires."""
