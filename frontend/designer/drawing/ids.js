// Ids are words: reserve_port, and reserve_port_2 when that is taken.

export function freeId(modeler, wanted) {
  const registry = modeler.get('elementRegistry');
  const taken = (id) => registry.get(id) || modeler.get('moddle').ids.assigned(id);
  let id = wanted;
  for (let number = 2; taken(id); number += 1) id = `${wanted}_${number}`;
  return id;
}
