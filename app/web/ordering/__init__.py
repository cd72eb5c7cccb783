"""Routes of one order: its page, drawings, promise and visit."""
