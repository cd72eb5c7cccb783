"""What a new process, decision or form begins with: as little as can be opened and drawn on."""

from __future__ import annotations

from typing import Final

_BPMN: Final = """<?xml version="1.0" encoding="UTF-8"?>
<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL" \
xmlns:bpmndi="http://www.omg.org/spec/BPMN/20100524/DI" xmlns:dc="http://www.omg.org/spec/DD/20100524/DC" \
xmlns:di="http://www.omg.org/spec/DD/20100524/DI" xmlns:yizhan="urn:yizhan:bpmn:1" id="new_process_file" \
targetNamespace="urn:yizhan:processes">
  <bpmn:process id="new_process" isExecutable="true" name="" yizhan:nameEn="">
    <bpmn:startEvent id="begin" name="开始" yizhan:nameEn="Begin">
      <bpmn:outgoing>begin_to_done</bpmn:outgoing>
    </bpmn:startEvent>
    <bpmn:endEvent id="done" name="完成" yizhan:nameEn="Done">
      <bpmn:incoming>begin_to_done</bpmn:incoming>
    </bpmn:endEvent>
    <bpmn:sequenceFlow id="begin_to_done" sourceRef="begin" targetRef="done"/>
  </bpmn:process>
  <bpmndi:BPMNDiagram id="new_process_diagram">
    <bpmndi:BPMNPlane id="new_process_plane" bpmnElement="new_process">
      <bpmndi:BPMNShape id="begin_shape" bpmnElement="begin">
        <dc:Bounds x="160" y="162" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNShape id="done_shape" bpmnElement="done">
        <dc:Bounds x="520" y="162" width="36" height="36"/>
      </bpmndi:BPMNShape>
      <bpmndi:BPMNEdge id="begin_to_done_edge" bpmnElement="begin_to_done">
        <di:waypoint x="196" y="180"/>
        <di:waypoint x="520" y="180"/>
      </bpmndi:BPMNEdge>
    </bpmndi:BPMNPlane>
  </bpmndi:BPMNDiagram>
</bpmn:definitions>
"""
_DMN: Final = """<?xml version="1.0" encoding="UTF-8"?>
<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" \
xmlns:dmndi="https://www.omg.org/spec/DMN/20191111/DMNDI/" xmlns:dc="http://www.omg.org/spec/DMN/20180521/DC/" \
xmlns:yizhan="urn:yizhan:bpmn:1" id="new_decision_file" name="" namespace="urn:yizhan:decisions">
  <decision id="new_decision" name="" yizhan:nameEn="">
    <decisionTable id="new_decision_table" hitPolicy="UNIQUE">
      <input id="new_decision_in_product" label="产品 / Product">
        <inputExpression id="new_decision_in_product_expression" typeRef="string">
          <text>product</text>
        </inputExpression>
      </input>
      <output id="new_decision_out_result" name="result" label="结果 / Result" typeRef="string"/>
      <rule id="otherwise">
        <inputEntry id="otherwise_product">
          <text></text>
        </inputEntry>
        <outputEntry id="otherwise_result">
          <text>"standard"</text>
        </outputEntry>
      </rule>
    </decisionTable>
  </decision>
  <dmndi:DMNDI>
    <dmndi:DMNDiagram>
      <dmndi:DMNShape dmnElementRef="new_decision">
        <dc:Bounds x="160" y="100" width="180" height="80"/>
      </dmndi:DMNShape>
    </dmndi:DMNDiagram>
  </dmndi:DMNDI>
</definitions>
"""
_FORM: Final = """{
  "schemaVersion": 18,
  "type": "default",
  "id": "new_form",
  "name": "",
  "nameEn": "",
  "components": [
    {
      "type": "textarea",
      "key": "note",
      "label": "备注",
      "labelEn": "Note"
    }
  ]
}
"""
_BLANKS: Final = {"bpmn": _BPMN, "dmn": _DMN, "form": _FORM}


def blank_model(kind: str) -> bytes:
    """The beginning of a ``bpmn``, ``dmn`` or ``form`` file; its key and names are to be replaced."""
    return _BLANKS[kind].encode()
