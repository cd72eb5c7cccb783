// Work nobody waits for, after the picture that shows what was asked for.

/** Runs ``run`` when the next picture has been drawn. */
export function afterPicture(run) {
  requestAnimationFrame(() => setTimeout(run));
}
