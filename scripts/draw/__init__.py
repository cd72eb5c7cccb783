"""Draw BPMN files: a compact outline becomes a BPMN file, and any BPMN file gets laid-out shapes and edges."""
