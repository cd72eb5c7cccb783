"""The only room that knows SpiffWorkflow: compile BPMN, run it step by step, save it."""
