import re
from tests.pages.test_cases_in_the_browser import *
from tests.pages.test_cases_in_the_browser import street
from datetime import timedelta
from indexer.cases.opening import CaseRoom
from indexer.cases.case import Filing, Contact, Doing
from indexer.cases.paths import By, Move
from sqlalchemy import text
OUT="/tmp/shots-cases"
def shots(street, page, path, name, en):
    for size,tag in ((PHONE,"390"),(DESKTOP,"1280")):
        page.set_viewport_size(size)
        page.goto(street.url+path)
        page.screenshot(path=f"{OUT}/{name}-{tag}-{en}.png", full_page=True)
def test_shots(street, browser):
    room=CaseRoom(street.accounts)
    rec=street.desk.register.records_between(0,99)[0].id
    op=street.come(DESKTOP, Role.OPERATOR)
    firm=street.come(DESKTOP, Role.ENTERPRISE, OWN)
    from indexer.accounts.people import People
    ids={}
    with street.accounts.engine.connect() as c:
        for r in c.execute(text("select id, mail from account")): ids[r.mail]=r.id
    o=Caller(ids["operator@office.example"],"n","r"); f=Caller(ids["enterprise@office.example"],"n","r")
    n=0
    def once():
        nonlocal n; n+=1; return f"once-{n}-"+"x"*20
    def do(num, by, who, move, **k):
        c=room.docket.one(num); return room.cases.do(who, by, c, Doing(move, c.version, once(), **k))
    c1=room.cases.file(Caller(), Filing("complaint","示例商场的插座没有认证标志",{"text":"上周在示例商场买的插座，包装上没有 CCC 标志。\n店员说以后补。电话 13900005678","about":"示例甲有限公司"},once(),contact=Contact("示例举报人","13800001234","a@b.cn")))
    c2=room.cases.file(Caller(), Filing("question","证书在哪里查",{"text":"我手里有一张证书，在哪里查真伪？","about":""},once()))
    c3=room.cases.file(f, Filing("objection","企业登记：示例甲有限公司",{"text":"住所已于去年变更。","record":"企业登记：示例甲有限公司"},once(),subject_code=OWN,record_id=rec))
    do(c1.number,By.DESK,o,Move.TAKE); do(c1.number,By.HANDLER,o,Move.ACCEPT)
    do(c1.number,By.HANDLER,o,Move.TRANSFER,text="由属地核查。",agency="示例区市场监督管理局")
    do(c1.number,By.HANDLER,o,Move.ANSWER,text="经查属实，已责令下架。")
    do(c2.number,By.DESK,o,Move.TAKE); do(c2.number,By.HANDLER,o,Move.DECIDE,outcome="answered",text="在首页选“查证书”，输入证书上的编号即可。")
    room.answers.publish(o, room.docket.one(c2.number), "证书在哪里查？", "在首页选“查证书”，输入证书上的编号即可。")
    c4=room.cases.file(Caller(), Filing("complaint","逾期的一件",{"text":"示例","about":""},once()))
    with street.accounts.engine.begin() as c:
        c.execute(text("update case_file set due_on='2026-11-02' where number=:n"),{"n":c4.number})
        c.execute(text("update case_file set filed_at='2026-09-10 01:00:00' where kind='complaint'"))
    for i in range(6):
        x=room.cases.file(Caller(), Filing("complaint",f"已办的第{i}件",{"text":"示例","about":""},once()))
        do(x.number,By.DESK,o,Move.TAKE); do(x.number,By.HANDLER,o,Move.REFUSE,text="不属于本机关职权。")
    with street.accounts.engine.begin() as c:
        c.execute(text("update case_file set filed_at='2026-09-10 01:00:00' where kind='complaint'"))
    for locale,en in (("zh-CN","zh"),("en-GB","en")):
        def who(page):
            ctx=browser.new_context(locale=locale); ctx.add_cookies(page.context.cookies(street.url) if page else []); return ctx.new_page()
        p=who(None)
        shots(street,p,"/complaints/new","new",en); shots(street,p,"/complaints/statistics","statistics",en); shots(street,p,"/questions","questions",en); shots(street,p,f"/records/{rec}","record",en); shots(street,p,f"/subjects/{OWN}","subject",en); shots(street,p,"/complaints/follow","open",en)
        p.fill("[name=number]",c1.number); p.fill("[name=secret]",c1.secret); p.click("main .form button")
        shots(street,p,"/complaints/follow","follow",en)
        p.goto(street.url+"/complaints/new"); p.fill("[name=title]","示例"); p.fill("[name=text]","示例内容"); p.click("main form .button >> nth=-1")
        for size,tag in ((PHONE,"390"),(DESKTOP,"1280")):
            p.set_viewport_size(size); p.screenshot(path=f"{OUT}/filed-{tag}-{en}.png",full_page=True)
        q=who(op)
        shots(street,q,"/desk/cases","desk",en); shots(street,q,f"/desk/cases/{c1.number}","deskcase",en); shots(street,q,f"/desk/cases/{c2.number}","deskquestion",en); shots(street,q,f"/desk/cases/{c4.number}","deskclosed",en)
        r=who(firm)
        shots(street,r,f"/enterprise/{OWN}/cases","ent",en); shots(street,r,f"/enterprise/{OWN}/cases/{c3.number}","entcase",en); shots(street,r,f"/enterprise/{OWN}/objections/new?record={rec}","objnew",en)
    do(c3.number,By.FILER,f,Move.WITHDRAW)
    p=browser.new_page(); shots(street,p,f"/records/{rec}/history","history","en")
