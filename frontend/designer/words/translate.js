// The texts of bpmn-js in Chinese: its community dictionary, and here what that does not know.
import canvas from 'bpmn-js-i18n/translations/zn.js';

import { language } from './texts.js';

const PANEL = {
  '<none>': '<无>',
  'Activate create/remove space tool': '挪出或收回空间',
  'Activate global connect tool': '连线工具',
  'Activate hand tool': '抓手工具',
  'Activate lasso tool': '框选工具',
  'Append element': '追加元素',
  'Boundary event': '边界事件',
  'Data': '数据',
  'Events': '事件',
  'Expanded pool/participant': '展开的泳池',
  'Gateways': '网关',
  'Participants': '泳池',
  'Sub-processes': '子流程',
  'Tasks': '任务',
  'Toggle non-interrupting': '改为不中断或中断',
  'Create element': '新建元素',
  'Open minimap': '打开缩略图',
  'Close minimap': '关闭缩略图',
  'Activity reference': '活动引用',
  'Ad-hoc': '临时',
  'Cancel remaining instances': '取消其余实例',
  'Change element': '更改元素',
  'Code': '代码',
  'Compensation': '补偿',
  'Completion': '完成',
  'Completion condition': '完成条件',
  'Create new ...': '新建…',
  'Cycle': '循环',
  'Date': '日期',
  'Documentation': '说明',
  'Documentation: Timer events': '说明：定时事件',
  'Duration': '时长',
  'Element documentation': '元素说明',
  'Error': '错误',
  'Escalation': '升级',
  'Executable': '可执行',
  'General': '基本',
  'Global error reference': '引用的错误',
  'Global escalation reference': '引用的升级',
  'Global message reference': '引用的消息',
  'Global signal reference': '引用的信号',
  'ID': '标识',
  'ID must be a valid QName.': '标识只能由字母、数字、下划线组成，并以字母或下划线开头。',
  'ID must be unique.': '标识不能重复。',
  'ID must not be empty.': '标识不能为空。',
  'ID must not contain prefix.': '标识不能有前缀。',
  'ID must not contain spaces.': '标识不能有空格。',
  'Link': '链接',
  'Loop cardinality': '循环次数',
  'Message': '消息',
  'Multi-instance': '多实例',
  'Multiple elements are selected. Select a single element to edit its properties.': '选中了多个元素。只选一个才能编辑属性。',
  'Name': '名称',
  'Participant Name': '参与者名称',
  'Process ID': '流程标识',
  'Process documentation': '流程说明',
  'Process name': '流程名称',
  'Select an element to edit its properties.': '选中一个元素来编辑属性。',
  'Signal': '信号',
  'Timer': '定时',
  'Type': '类型',
  'Value': '值',
  'Wait for completion': '等待完成',
  'A cycle defined as ISO 8601 repeating intervals format.': '按 ISO 8601 写的重复间隔。',
  'A specific point in time defined as ISO 8601 combined date and time representation.': '按 ISO 8601 写的日期和时间。',
  'A time duration defined as ISO 8601 durations format.': '按 ISO 8601 写的时长。',
  '1 hour and 30 minutes': '1 小时 30 分',
  '14 days': '14 天',
  '15 seconds': '15 秒',
  'UTC plus 2 hours zone offset': 'UTC 加 2 小时时区',
  'UTC time': 'UTC 时间',
  'every 10 seconds, up to 5 times': '每 10 秒，最多 5 次',
  'every day, infinitely': '每天，不限次数',
};

// Headings of the panel are put together: 'Timer' + 'Boundary Event'.
const TYPES = {
  'Process': '流程',
  'Collaboration': '协作',
  'Participant': '参与者',
  'Lane': '泳道',
  'Task': '任务',
  'Service Task': '服务任务',
  'User Task': '人工任务',
  'Manual Task': '手工任务',
  'Script Task': '脚本任务',
  'Send Task': '发送任务',
  'Receive Task': '接收任务',
  'Business Rule Task': '规则任务',
  'Call Activity': '调用活动',
  'Sub Process': '子流程',
  'Expanded Sub Process': '展开的子流程',
  'Collapsed Sub Process': '折叠的子流程',
  'Event Sub Process': '事件子流程',
  'Ad Hoc Sub Process': '由人选择的子流程',
  'Expanded Ad Hoc Sub Process': '展开的由人选择的子流程',
  'Collapsed Ad Hoc Sub Process': '折叠的由人选择的子流程',
  'Ad-hoc sub-process': '临时子流程',
  'Transaction': '事务',
  'Exclusive Gateway': '排他网关',
  'Parallel Gateway': '并行网关',
  'Inclusive Gateway': '包容网关',
  'Event Based Gateway': '事件网关',
  'Complex Gateway': '复杂网关',
  'Sequence Flow': '顺序流',
  'Conditional Flow': '条件流',
  'Default Flow': '默认流',
  'Message Flow': '消息流',
  'Association': '关联',
  'Text Annotation': '文字注释',
  'Group': '分组',
  'Data Object Reference': '数据对象',
  'Data Store Reference': '数据存储',
  'Start Event': '开始事件',
  'End Event': '结束事件',
  'Intermediate Throw Event': '中间抛出事件',
  'Intermediate Catch Event': '中间捕获事件',
  'Boundary Event': '边界事件',
};
const KINDS = {
  'Message': '消息',
  'Timer': '定时',
  'Error': '错误',
  'Signal': '信号',
  'Escalation': '升级',
  'Conditional': '条件',
  'Compensate': '补偿',
  'Compensation': '补偿',
  'Link': '链接',
  'Terminate': '终止',
  'Cancel': '取消',
};

function heading(template) {
  const [first, ...rest] = template.split(' ');
  const type = TYPES[rest.join(' ')];
  return TYPES[template] ?? (KINDS[first] && type ? KINDS[first] + type : undefined);
}

function chinese(template) {
  return PANEL[template] ?? canvas[template] ?? heading(template) ?? template;
}

export const TranslateModule = {
  translate: ['value', (template, replacements = {}) => {
    const found = language === 'zh' ? chinese(template) : template;
    return found.replace(/\{([^}]+)\}/g, (whole, name) => replacements[name] ?? whole);
  }],
};

/** The kind of an element in the reader's language, such as 'User Task'. */
export function typeName(element) {
  const type = element.type === 'label' ? element.businessObject.$type : element.type;
  const [definition] = element.businessObject.eventDefinitions ?? [];
  const kind = definition ? definition.$type.replace(/^bpmn:|EventDefinition$/g, '') : '';
  const plain = type.replace(/^bpmn:/, '').replace(/([a-z])([A-Z])/g, '$1 $2');
  const words = kind ? `${kind} ${plain}` : plain;
  return language === 'zh' ? chinese(words) : words;
}
