// What form-js says, in Chinese: it knows English only.
import { language } from '../studio/words.js';

const WORDS = {
  Components: '题型',
  'Search components': '查找题型',
  'Clear content': '清空',
  'No components found.': '没有这种题型。',
  Input: '填写',
  Selection: '选择',
  Presentation: '说明',
  Containers: '分组',
  Action: '动作',
  'Build your form': '开始做表单',
  'Drag and drop components here to start designing.': '从左侧拖入题型，或用键盘选中后按回车。',
  'Use the preview window to test your form.': '在下面预览和试填。',
  'Drag and drop components here.': '把题型拖到这里。',
  'Remove form field': '删除此项',
  'Powered by bpmn.io': '由 bpmn.io 提供',
  'Web-based tooling for BPMN, DMN, and forms powered by': '网页版 BPMN、DMN 与表单工具，来自',
};
const PATTERNS = [[/^Remove (.+)$/, '删除：$1'], [/^Create an? (.+) element$/, '添加：$1']];

/** Other words for what form-js shows; null where they are not its own. */
export function said(words) {
  const plain = words.trim();
  if (language === 'en') return PATTERNS[1][0].test(plain) ? plain.replace(PATTERNS[1][0], 'Add: $1') : null;
  if (plain in WORDS) return words.replace(plain, WORDS[plain]);
  for (const [pattern, other] of PATTERNS) if (pattern.test(plain)) return plain.replace(pattern, other);
  return null;
}
