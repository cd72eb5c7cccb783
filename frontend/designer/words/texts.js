// Every text of the designer's own frame, Chinese and English. Texts of bpmn-js itself are in translate.js.
import { BOARD } from './board-texts.js';
import { PANEL_TEXTS } from './panel-texts.js';

const TEXTS = {
  ...BOARD,
  ...PANEL_TEXTS,
  file: ['文件', 'File'],
  undo: ['撤销', 'Undo'],
  redo: ['重做', 'Redo'],
  zoomIn: ['放大', 'Zoom in'],
  zoomOut: ['缩小', 'Zoom out'],
  zoomFit: ['适合窗口', 'Fit'],
  upload: ['上传', 'Upload'],
  download: ['下载', 'Download'],
  check: ['检查', 'Check'],
  cancel: ['取消', 'Cancel'],
  canvas: ['流程图画布', 'Process diagram'],
  palette: ['添加元素', 'Add an element'],
  find: ['查找元素或操作', 'Find an element or operation'],
  properties: ['属性', 'Properties'],
  findings: ['检查结果', 'Findings'],
  outline: ['元素清单', 'Elements'],
  notChecked: ['尚未检查。', 'Not checked yet.'],
  clean: ['没有问题。', 'No problems.'],
  errors: ['错误', 'Errors'],
  warnings: ['提醒', 'Warnings'],
  error: ['错误', 'Error'],
  warning: ['提醒', 'Warning'],
  noted: ['提示', 'Note'],
  howToFix: ['修改办法：', 'How to fix it: '],
  stale: ['图有改动，马上再检查…', 'Changed; it is checked again in a moment…'],
  checking: ['正在检查…', 'Checking…'],
  loading: ['正在打开…', 'Opening…'],
  opened: ['已打开 {name}。', 'Opened {name}.'],
  openedWithWarnings: ['已打开 {name}，{count} 处没有读懂，保存时会丢失：{first}', 'Opened {name}; {count} parts were not understood and would be lost on saving: {first}'],
  notReadable: ['打不开 {name}：不是可读的 BPMN。{detail}', 'Cannot open {name}: not readable BPMN. {detail}'],
  noDiagram: [
    '打不开 {name}：文件里没有图形信息（BPMNDI）。',
    'Cannot open {name}: it holds no diagram (BPMNDI).',
  ],
  replace: ['放弃当前没有部署的修改？', 'Drop the changes that are not deployed?'],
  added: ['已添加：{name}。', 'Added: {name}.'],
  cannotAppend: ['所选元素后面不能接，已放在图中空白处。', 'Nothing can follow the selected element; placed on a free spot.'],
  unreachable: ['连不上服务器，图还在，稍后再试。', 'The server cannot be reached; your diagram is still here, try again later.'],
  signedOut: [
    '登录已失效，图还在这一页：请在另一个窗口登录，再点一次。',
    'You are signed out; your diagram is still on this page: sign in in another window and press again.',
  ],
  forbidden: ['没有这项权限。', 'You are not allowed to do this.'],
  tooLarge: ['文件太大，服务器不收。', 'The file is too large for the server.'],
  serverSaid: ['服务器答复 {status}：{detail}', 'The server answered {status}: {detail}'],
  unnamed: ['（未命名）', '(no name)'],
  newProcess: ['新流程', 'New process'],
  start: ['开始', 'Start'],

  adapter_resource: ['资源操作', 'Resources'],
  adapter_provisioning: ['开通操作', 'Provisioning'],
  adapter_billing: ['计费操作', 'Billing'],
  adapter_fault: ['故障操作', 'Fault'],
  adapter_area: ['跨域操作', 'Other areas'],
  adapter_order: ['订单操作', 'Order'],
  adapter_ticket: ['故障单操作', 'Ticket'],
  groupPeople: ['人工', 'People'],
  groupWaiting: ['等待', 'Waiting'],
  groupRouting: ['分支与规则', 'Routing and rules'],
  groupCalls: ['调用', 'Calls'],
  groupEnd: ['结束', 'End'],
  userTask: ['人工任务', 'User task'],
  timer: ['定时等待', 'Wait for a time'],
  message: ['等消息', 'Wait for a message'],
  exclusive: ['排他网关', 'Exclusive gateway'],
  parallel: ['并行网关', 'Parallel gateway'],
  ruleTask: ['决策表', 'Decision table'],
  call: ['调用流程', 'Call a process'],
  subProcess: ['子流程', 'Sub-process'],
  end: ['结束', 'End'],
  errorEnd: ['错误结束', 'Error end'],
  terminate: ['全部终止', 'Terminate'],

  yizhan: ['业务设置', 'Business settings'],
  nameEn: ['英文名称', 'English name'],
  operation: ['操作', 'Operation'],
  operationHint: ['由哪个系统做什么', 'Which system does what'],
  undoOperation: ['回退操作', 'Undo operation'],
  undoneBy: ['撤销流程', 'Undone by'],
  undoneByHint: ['撤单时让人把已做的工作撤回的流程', 'The process in which people take back what was done here'],
  undoHint: ['留空则用目录里登记的', 'Empty: the one registered for the operation'],
  retry: ['重试策略', 'Retry policy'],
  team: ['班组', 'Team'],
  skill: ['技能', 'Skill'],
  form: ['表单', 'Form'],
  decision: ['决策表', 'Decision'],
  decisionVersion: ['决策表版本', 'Decision version'],
  newestVersion: ['最新版本（执行时生效的）', 'Newest (the one in force when it is asked)'],
  newestHint: ['以后部署新版本，执行中的订单也随之采用', 'Orders under way follow when a newer one is deployed'],
  pinnedHint: ['始终用这个版本，以后部署的不影响它', 'Always this one, whatever is deployed later'],
  calledElement: ['调用的流程', 'Called process'],
  calledExpression: ['调用的流程（表达式）', 'Called process (expression)'],
  businessKey: ['业务键（表达式）', 'Business key (expression)'],
  messageKey: ['消息关联键（表达式）', 'Message key (expression)'],
  workOrder: ['工单类型', 'Work order'],
  workOrderHint: ['填了就是计划里的一张工单', 'Makes this step a work order of the plan'],
  pointOfNoReturn: ['不可撤点', 'Point of no return'],
  soft: ['软（主管可撤）', 'Soft (a supervisor may cancel)'],
  hard: ['硬（不可撤）', 'Hard (no cancelling)'],
  milestone: ['里程碑', 'Milestone'],
  promiseEndsWith: ['承诺止于', 'Promise ends with'],
  condition: ['条件（表达式）', 'Condition (expression)'],
  conditionHint: ["如 order.tier == 'gold'", "For example order.tier == 'gold'"],
  inputs: ['输入', 'Inputs'],
  outputs: ['输出', 'Outputs'],
  startData: ['启动数据', 'Start data'],
  note_zh: ['说明（中文）', 'Note (Chinese)'],
  note_en: ['说明（英文）', 'Note (English)'],
  variable: ['名称', 'Name'],
  expression: ['表达式', 'Expression'],
  outputHint: ['留空则取全部结果（result）', 'Empty: the whole result'],
  forEach: ['逐项执行', 'For each'],
  collection: ['列表', 'List'],
  item: ['每项的名称', 'Name of one item'],
  none: ['（无）', '(none)'],
  ownKind: ['自定类型', 'A kind of its own'],
  notListed: ['{value}（目录里没有）', '{value} (not in the catalogue)'],
};

export const language = document.documentElement.lang.toLowerCase().startsWith('en') ? 'en' : 'zh';

/** The text of that key in the page's language, with {names} filled in. */
export function text(key, values = {}) {
  const found = TEXTS[key][language === 'en' ? 1 : 0];
  return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The text of that key, or the other one when there is no such key. */
export function textOr(key, other) {
  return key in TEXTS ? text(key) : other;
}

/** The text of a bilingual record such as {name_zh, name_en}; the other language when one is missing. */
export function bilingual(record, field = 'name') {
  const [mine, other] = language === 'en' ? ['en', 'zh'] : ['zh', 'en'];
  return record[`${field}_${mine}`] || record[`${field}_${other}`] || '';
}
