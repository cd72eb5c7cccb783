// Several changes as one step of undoing.
const COMMAND = 'yizhan.together';

class TogetherHandler {
  preExecute({ run }) { run(); }
}

/** Runs ``run``, whose calls of modeling become one entry of the undo list. */
export function together(diagram, run) {
  diagram.get('commandStack').execute(COMMAND, { run });
}

class Together {
  static $inject = ['commandStack'];

  constructor(commandStack) { commandStack.registerHandler(COMMAND, TogetherHandler); }
}

export const TogetherModule = { __init__: ['yizhanTogether'], yizhanTogether: ['type', Together] };
