"""Work items, tickets and visits as rows: queues, boards, files, questions."""
