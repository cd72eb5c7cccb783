// The texts of bpmn-js in Chinese: its community dictionary, and below what that does not know.
import canvas from 'bpmn-js-i18n/translations/zn.js';

import { language } from './texts.js';

const PANEL = {};

export const TranslateModule = {
  translate: ['value', (template, replacements = {}) => {
    const found = language === 'zh' ? PANEL[template] ?? canvas[template] ?? template : template;
    return found.replace(/\{([^}]+)\}/g, (whole, name) => replacements[name] ?? whole);
  }],
};
