"""What is done with the PDF itself: reading, detecting, filling, picturing. Bytes in, values out."""
