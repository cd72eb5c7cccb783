"""The work of people: to-dos sent to teams, taken, handed over and done, visits, files, questions."""
