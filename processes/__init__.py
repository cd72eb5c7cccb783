"""The process engine: BPMN words only; an order is a business key here."""
