// The words of the walk-through in Chinese; its package has them in its code.
import { language } from './texts.js';

const WORDS = {
  'Simulation Log': '走查记录',
  'Close': '关闭',
  'No Entries': '还没有记录',
  'Toggle Simulation Log': '显示或隐藏走查记录',
  'Reset Simulation': '重新走查',
  'Play/Pause Simulation': '继续或暂停',
  'Pause Simulation': '已暂停',
  'Play Simulation': '继续走查',
  'Set animation speed = Slow': '速度：慢',
  'Set animation speed = Normal': '速度：中',
  'Set animation speed = Fast': '速度：快',
  'Set Sequence Flow': '选择走哪条线',
  'Trigger Event': '触发',
  'Add pause point': '加暂停点',
  'Remove pause point': '去掉暂停点',
  'Found unsupported elements': '有走查不支持的元素',
  'Not supported': '走查不支持',
  'Finished': '走完了',
  'Service Task': '服务任务',
  'User Task': '人工任务',
  'Call Activity': '调用活动',
  'Script Task': '脚本任务',
  'Business Rule Task': '规则任务',
  'Manual Task': '手工任务',
  'Receive Task': '接收任务',
  'Send Task': '发送任务',
  'Task': '任务',
  'Exclusive Gateway': '排他网关',
  'Parallel Gateway': '并行网关',
  'Inclusive Gateway': '包容网关',
  'Start Event': '开始事件',
  'Intermediate Event': '中间事件',
  'Boundary Event': '边界事件',
  'End Event': '结束事件',
};
const ENDS = { started: '开始', finished: '走完', canceled: '取消' };

/** The same words for the reader; names stay as they are. */
export function walkWords(words) {
  if (language !== 'zh') return words;
  if (WORDS[words]) return WORDS[words];
  const scope = /^Focus process instance (.*)$/s.exec(words);
  if (scope) return `只看这一次走查（${scope[1]}）`;
  const end = /^(.*) (started|finished|canceled)$/s.exec(words);
  if (!end) return words;
  const name = { Process: '流程', SubProcess: '子流程' }[end[1]] ?? end[1];
  return `${name} ${ENDS[end[2]]}`;
}
