// Bringing nodes into an order by moving as few of them as can be: what is moved is styled, laid out and painted anew.

/** Puts ``nodes`` into ``parent`` in this order; what else is in there stays. */
export function arrange(parent, nodes) {
  const places = new Map([...parent.childNodes].map((node, at) => [node, at]));
  const there = nodes.filter((node) => places.has(node));
  const rising = longestRising(there.map((node) => places.get(node)));
  const stays = new Set([...rising].map((at) => there[at]));
  let next = null;
  for (const node of [...nodes].reverse()) {
    if (!stays.has(node)) parent.insertBefore(node, next);
    next = node;
  }
}

/** Where the longest run of rising numbers stands in a list of different numbers. */
function longestRising(numbers) {
  const [ends, before] = [[], []];
  numbers.forEach((number, at) => {
    let [low, high] = [0, ends.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (numbers[ends[middle]] < number) low = middle + 1;
      else high = middle;
    }
    before[at] = ends[low - 1];
    ends[low] = at;
  });
  const run = new Set();
  for (let at = ends.at(-1); at !== undefined; at = before[at]) run.add(at);
  return run;
}
