"""Routes of the people who do the work: lists, boards, to-dos, visits on the phone."""
