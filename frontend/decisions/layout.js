// A diagram for a file that has none: what is needed stands below what needs it, each kind in its usual size.
const SIZES = {
  'dmn:Decision': [180, 80], 'dmn:InputData': [125, 45], 'dmn:BusinessKnowledgeModel': [135, 46], 'dmn:KnowledgeSource': [100, 63],
};
const REQUIREMENTS = ['informationRequirement', 'knowledgeRequirement', 'authorityRequirement'];
const NEEDED = ['requiredDecision', 'requiredInput', 'requiredKnowledge', 'requiredAuthority'];
const [COLUMN, ROW, EDGE] = [220, 140, 60];

/** Gives the file a diagram, unless it has one; true when it was made. */
export function layOut(definitions) {
  if (definitions.dmnDI?.diagrams?.length) return false;
  const model = definitions.$model;
  const elements = definitions.get('drgElement').filter((one) => SIZES[one.$type]);
  const lines = elements.flatMap((to) => requirements(to).map(([line, id]) => ({ line, to, from: elements.find((one) => one.id === id) }))).filter(({ from }) => from);
  const levels = levelsOf(elements, lines);
  const height = Math.max(0, ...levels.values());
  const filled = new Map();
  const boxes = new Map(elements.map((one) => {
    const level = levels.get(one);
    const place = filled.get(level) ?? 0;
    filled.set(level, place + 1);
    const [width, tall] = SIZES[one.$type];
    return [one, { x: EDGE + place * COLUMN, y: EDGE + (height - level) * ROW, width, height: tall }];
  }));
  const shapes = elements.map((one) => model.create('dmndi:DMNShape', { id: model.ids.nextPrefixed('DMNShape_'), dmnElementRef: one, bounds: model.create('dc:Bounds', boxes.get(one)) }));
  const edges = lines.map(({ line, from, to }) => {
    line.id ??= model.ids.nextPrefixed(`${line.$type.split(':')[1]}_`, line);
    const [low, high] = [boxes.get(from), boxes.get(to)];
    const waypoint = [[low.x + low.width / 2, low.y], [high.x + high.width / 2, high.y + high.height]].map(([x, y]) => model.create('dc:Point', { x, y }));
    return model.create('dmndi:DMNEdge', { id: model.ids.nextPrefixed('DMNEdge_'), dmnElementRef: line, waypoint });
  });
  const diagram = model.create('dmndi:DMNDiagram', { id: model.ids.nextPrefixed('DMNDiagram_'), diagramElements: [...shapes, ...edges] });
  for (const one of diagram.diagramElements) one.$parent = diagram;
  definitions.dmnDI = model.create('dmndi:DMNDI', { diagrams: [diagram] });
  definitions.dmnDI.$parent = definitions;
  diagram.$parent = definitions.dmnDI;
  return true;
}

function requirements(element) {
  return REQUIREMENTS.flatMap((kind) => element.get(kind) ?? []).flatMap((line) => NEEDED.map((name) => line[name]?.href?.replace('#', '')).filter(Boolean).map((id) => [line, id]));
}

/** 0 for what needs nothing, else one more than the highest it needs; circles end. */
function levelsOf(elements, lines) {
  const levels = new Map(elements.map((one) => [one, 0]));
  for (let turn = 0; turn < elements.length; turn += 1) {
    for (const { from, to } of lines) levels.set(to, Math.min(Math.max(levels.get(to), levels.get(from) + 1), elements.length));
  }
  return levels;
}
