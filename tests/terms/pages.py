"""Pages of an invented portal as portals show them: navigation, breadcrumb, counters, today's date, a foot."""

CLAUSES = (
    "为规范贵州省政府数据开放平台（以下简称“本平台”）的使用，用户在使用本平台前，应当仔细阅读并同意本使用条款。",
    "用户可以免费、非排他地获取、使用和传播本平台开放的数据，但应当注明数据来源及获取日期。",
    "用户不得将数据用于危害国家安全、公共利益或者他人合法权益的活动，违者由其自行承担法律责任。",
    "本平台对数据的准确性、完整性不作任何明示或默示的保证，对使用数据造成的损失不承担责任。",
    "用户应当每半年向本平台报告数据的使用情况；逾期未报告的，本平台有权停止其下载权限。",
)


def terms_page(
    *clauses: str, visits: int = 1024, today: str = "2026年11月29日 星期日", news: str = "2026年工作要点"
) -> str:
    """The terms with what moves from day to day around them."""
    said = "".join(f"<p>{clause}</p>\n" for clause in clauses or CLAUSES)
    return f"""<!DOCTYPE html><html><head><title>使用条款_贵州省政府数据开放平台</title><style>p {{ color: #333 }}</style></head>
<body><div class="top">今天是 {today} <a href="/login">登录</a> | <a href="/register">注册</a></div>
<ul class="menu"><li><a href="/">首页</a></li><li><a href="/data">数据目录</a></li><li><a href="/news">{news}</a></li></ul>
<div class="crumb">您的位置：<a href="/">首页</a> &gt; 使用条款</div>
<h1>使用条款</h1><span>发布日期：2023-05-01</span> <span>浏览次数：{visits}</span>
<div class="content">{said}<p>依据<a href="/law">《中华人民共和国数据安全法》</a>制定的条款，从其规定。</p></div>
<script>var hits = {visits};</script>
<footer>主办单位：贵州省大数据局 黔ICP备12345678号</footer></body></html>"""


HOME = """<!DOCTYPE html><html><head><title>贵州省政府数据开放平台</title></head><body>
<p>本平台汇聚各部门的开放数据，供公众免费下载。数据按主题和部门分类，欢迎使用并提出意见。本平台由省大数据局建设和运营。</p>
<ul><li><a href="/news/1">关于印发《贵州省数据流通交易服务协议示范文本（2026年版）》并征求社会各界意见的公告通知</a></li>
<li><a href="javascript:void(0)">用户协议</a></li><li><a href="https://elsewhere.example/terms">使用条款</a></li></ul>
<div class="foot"><a href="/about">关于我们</a> <a href="/disclaimer">免责声明</a> <a href="/terms">平台 使用条款</a></div></body></html>"""
