// The words the properties panel has in its code, in Chinese.
import { language } from './texts.js';

const WORDS = {
  'Close': '关闭',
  'Create new list item': '添加一行',
  'Delete item': '删除这一行',
  'List item contains edits': '这一行有内容',
  'Open documentation': '打开说明',
  'Open pop-up editor': '在大窗口里编辑',
  'Opened in popup': '已在大窗口里打开',
  'Section contains an error': '这一组有错误',
  'Section contains edits': '这一组有内容',
  'Toggle list item': '展开或收起这一行',
  'Toggle section': '展开或收起这一组',
};

/** The same words for the reader; what is not known stays as it is. */
export function panelWords(words) {
  if (language !== 'zh') return words;
  const count = /^List contains (\d+) items?$/.exec(words);
  return count ? `共 ${count[1]} 行` : WORDS[words] ?? words;
}
