// Of the tools bpmn-js lays over the canvas only those stay that the list of elements beside it has not.
const STAYS = ['hand-tool', 'lasso-tool', 'space-tool', 'global-connect-tool', 'tool-separator', 'create.group'];
const LAST = 1;

class FewTools {
  static $inject = ['palette'];

  constructor(palette) {
    palette.registerProvider(LAST, {
      getPaletteEntries: () => (entries) => Object.fromEntries(
        Object.entries(entries).filter(([id]) => STAYS.includes(id) || id === 'create'),
      ),
    });
  }
}

export const FewToolsModule = { __init__: ['yizhanTools'], yizhanTools: ['type', FewTools] };
