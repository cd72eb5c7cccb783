"""Files that people attach: what kinds are taken, told by their content, and images without what is private."""
