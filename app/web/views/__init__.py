"""What the templates show: small frozen records, already in the reader's language, masked and formatted."""
