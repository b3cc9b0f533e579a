"""What is known of names: particles, titles, short forms, surnames that are written in several ways."""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PARTICLES = _words("""
abu ad af al and ap ash av az bin bint da das de del dela della dello dem den der des di dos du el ferch het ibn
las le les lo los of oglu op ould saint santa st ste ten ter the til tot ul ur van vom von zu zum zur
""")
# Some words are names as well; as particles they count only where they stand between others.
SOMETIMES = _words("""
an as at ben d do e i l la san ter y
""")
TITLES = _words("""
admiral baroness begum capt captain cbe chancellor col colonel count countess dame dipl doctor dona dott dr drs
duchess emperor empress esq esquire fr frau gen gospodin gospozha governor haji hajj hajji herr hon honorable
honourable ii iii imam ing ir iv jr junior justice kbe kc lady lieutenant lord lt madame mademoiselle mag
maulana mayor mba mbe md minister miss mlle mme monsieur mr mrs ms mulla mullah mx obe pandit pani phd president
princess prof professor qc queen rabbi rav rev reverend sahib sama sayyed sayyid senator senior senor senora
senorita sensei sgt shaikh sheik sheikh shri shrimati sig signor signora sir sister smt sr sri swami syed ustad
""")
# These are titles where they stand first and two names follow.
LEADING = _words("""
baron brother don duke father general guru judge king major pan prince
""")

# Short forms and pet names: each line is one name. A short form of several names stands in several lines.
_SHORT = """
robert rob robbie bob bobby bert roberto berto
william will willy willie bill billy liam wilhelm willem wim
richard rick ricky dick rich richie ricardo
edward ed eddie eddy ted teddy ned eduard eduardo
james jim jimmy jamie jem
john johnny jack jon johnnie
jonathan jon jonny nathan
joseph joe joey jo josef giuseppe beppe peppe pepe jose josip
michael mike mick mickey micky mikey mikhail misha mihail michail miguel
thomas tom tommy tomas
charles charlie charley chuck chas carlos karl
christopher chris kit topher christoph
christian chris
christine chris chrissy tina christina kristina
nicholas nick nicky nico niko nicolas klaus nikolaus
nikolai kolya nicolai nikolay kolja
alexander alex al sandy xander sasha alec aleksandr oleksandr olexandr sascha sanya shura alejandro
alexandra alex sandra sasha lexie aleksandra sanya shura alejandra
anthony tony antony ant antonio toni anton
andrew andy drew
andrei andrey andrej andryusha
benjamin ben benny benji benjy
daniel dan danny dani danil danila
david dave davy davey dawid
matthew matt matty mat matthias
samuel sam sammy
samantha sam sammy
stephen steve stevie steven stefan stephan stef esteban
timothy tim timmy
gregory greg gregor grigory grisha grigori
patrick pat paddy patricio
patricia pat patsy patty trish tricia
peter pete petr pyotr petya piotr pedro
philip phil pip philipp felipe
frederick fred freddy freddie fritz friedrich federico
francis frank frankie fran francisco paco pancho curro frans franz
franklin frank
frances fran fanny francesca cesca
lawrence larry laurie lorenzo laurence lars lauri
leonard leo len lenny leonardo
leonid lyonya lenya
henry harry hank hal heinrich heinz hendrik henk
harold harry hal
george georgie georg georgios giorgos yiorgos yorgos jorge georgi
gerald gerry jerry
jeremy jerry
jeremiah jerry jeremy
geoffrey geoff jeff jeffrey
kenneth ken kenny
ronald ron ronnie
donald don donnie
douglas doug
walter walt wally
albert al bert bertie alberto
alfred alf alfie fred
theodore ted teddy theo
vincent vince vinnie vin vicente
raymond ray
russell russ
zachary zach zack zac
joshua josh
jacob jake jakob jaap yakov yasha
nathaniel nate nat nathan
abraham abe avraham bram
isaac ike izzy yitzhak
eugene gene
yevgeny zhenya evgeny evgeni evgenii
yevgenia zhenya evgenia
elizabeth liz lizzie lizzy beth betty bess eliza elisabeth lisa libby betsy elsa elspeth lise ilse
margaret maggie meg peggy marge greta rita madge marguerite margarita mags margarete grete
catherine katherine kate katie kathy cathy kitty kathryn katharine katya ekaterina yekaterina caterina kat kathleen
mary molly polly maria marie masha mariya mia mitzi
ann anne anna annie anya anja
susan sue susie suzy susanna suzanne
dorothy dot dolly dottie dorothea
deborah debbie deb debra
barbara barb babs barbie basia
jennifer jen jenny jenn
jessica jess jessie
rebecca becky becca bec
victoria vicky vicki tori viktoria
virginia ginny ginger
valerie val
eleanor ellie nell nora leonora eleonore
helen nell nellie elena lena helena elaine ellen yelena alyona
sarah sally sadie sara
martha patty mattie marta
matilda tilly mathilde
charlotte lottie charlie lotte
caroline carrie caro carolina
judith judy judi
theresa terry tess tessa teresa therese
amanda mandy
abigail abby gail
angela angie
pamela pam
penelope penny
philippa pippa pip
kimberly kim
cynthia cindy
sandra sandy
gwendolyn gwen wendy
harriet hattie
henrietta etta hattie
isabella bella isabel izzy isabelle ysabel
josephine jo josie josefina
gabriel gabe gabi
gabriella gabi gaby
dmitri dima mitya dmitry dmitriy dmitrij
vladimir vlad vova volodya vladimer wladimir volodymyr
ivan vanya wanja
sergei seryozha sergey sergej serezha
alexei alyosha lyosha aleksey alexey aleksej aleksei
yuri yura jurij yury iurii yuriy
pavel pasha
konstantin kostya
boris borya
fyodor fedya fedor theodor
viktor vitya victor
vasily vasya vassily vasili
ilya ilyusha
lev lyova leo
tatiana tanya tatyana tatjana
natalia natasha natalya nataliya natalja
olga olya
irina ira
ludmila lyuda lyudmila ljudmila mila
svetlana sveta
galina galya
nadezhda nadya
lyubov lyuba
sofia sonya sofya sophia sophie sofija
anastasia nastya anastasiya asya
maximilian max
maxim max maksim
johannes hans hannes johann johan jan
sebastian basti bastian seb
ferdinand ferdi fernando nando
ludwig lutz louis luis
lewis lew lou louis
wolfgang wolf
dietrich dieter
gertrude gertie trudy trude gertrud
ignacio nacho
dolores lola
concepcion concha conchita
guadalupe lupe
jesus chucho
enrique quique kike
guillermo memo
manuel manolo manny emanuel
rosario charo
mercedes merche
pilar pili
luigi gigi
giovanni gianni nanni
domenico mimmo
salvatore toto turi
francesco franco cecco ciccio
krzysztof krzysiek
stanislaw staszek stach stanislav stas
malgorzata gosia
agnieszka aga
katarzyna kasia
aleksander olek
tadeusz tadek
jaroslav jarda
josef pepa
muhammad mohammed mohamed mohammad mehmet mohamad muhammed mahomet mohamet mohd
mustafa mustapha moustafa
hussein husain hussain hosein husayn husein
hassan hasan hasen
ahmad ahmed ahmet
yusuf youssef yousef yosef joseph yousuf
ibrahim ibraheem brahim
abdullah abdallah abdulla
abdelrahman abdurrahman abdulrahman
omar umar
othman uthman osman usman
jamal gamal djamal
khalid khaled halid
yitzhak itzhak isaac
moshe moses moishe
yaakov yakov jacob
shlomo solomon
chaim haim hayim
seamus james
siobhan shivaun chevonne
niamh neve neave
caoimhe keeva kiva
aoife eefa ifa
caitlin katelyn kaitlyn kaitlin catelyn
vladislav vlad
yaroslav slava yarik jaroslaw
svyatoslav slava
vyacheslav slava wjatscheslaw
rostislav rostik slava
valentina valya
lydia lida
ksenia ksyusha xenia oxana oksana
denis denys
stepan styopa
timofei tima
kirill kiryusha cyril
ruslan rusya
taras tarasik
petros peter
panagiotis panos takis
athanasios thanasis thanos nasos
evangelos vangelis
emmanouil manolis
ioannis yannis giannis yiannis john
vasileios vasilis basil vassilis
theodoros thodoris
spyridon spyros
charalambos babis haris
stylianos stelios
apostolos tolis
aikaterini katerina
eleni elena helen
salvador chava salva
antonia toni
consuelo chelo
ramon moncho
jose pepito chepe
alfonso poncho
gregorio goyo
eugenia genia
matthias mats matz
sigmund sigi siggi
siegfried sigi siggi
heinrich heiner
joachim jochen achim
hildegard hilde
ursula uschi ulla
waltraud traudl
gerhard gerd
bernhard bernd bernard bernie
reinhard reini
rudolf rudi rolf rudy
norbert bert
leopold poldi leo
maximiliane maxi
stephanie steffi steph stefanie
emily em emmy
amelia amy millie
millicent millie milly
winifred winnie freda
florence flo flossie
rosemary rosie rose
beatrice bea trixie beatrix
clementine clemmie
georgina georgie gina
louise lou lulu luisa louisa
madeline maddie maddy madeleine
mackenzie kenzie
natalie nat nattie
olivia liv livvy ollie
oliver ollie
penelope nell
roberta bobbie
roger rodge hodge
sylvester sly
terence terry
tobias toby
tristan tris
ulysses uly
vernon vern
wallace wally
wesley wes
alan al allan allen alun
arthur art artie
arnold arnie
augustus gus august augustine
bartholomew bart barty
bradley brad
calvin cal
cameron cam
clifford cliff
clinton clint
curtis curt kurt
dominic dom nick
duncan dunc
edgar ed
edmund ed ned ted eddie
edwin ed eddie ned
ernest ernie
ferdinand ferdie
gordon gordy
graham gray graeme
herbert herb bert
howard howie
hubert hugh bert
jackson jack
jasper jas
julian jules
kristopher kris
lancelot lance
leslie les
luke lucas lukas
marcus mark marc
marvin marv
maurice mo morris
maxwell max
melvin mel
mitchell mitch
mortimer mort
moses moe mo
nelson nels
neville nev
norman norm
oscar ozzie
oswald ozzie oz
percival percy
quentin quent
randolph randy
reginald reg reggie
rodney rod
roderick rod rory
roland rollo
rosalind ros roz
sebastian bas
sidney sid
solomon sol
spencer spence
stuart stu stewart
thaddeus thad ted
tyler ty
virgil virg
warren wren
yehuda jehuda judah
sean shaun shawn
ian iain
geert gerard gerrit
cornelis kees cor
theodorus theo
antonius ton teun
dennis denis denys den
rajendra raj rajesh
lakshmi laxmi
vishal bishal
"""

# Surnames of one syllable are written as they sound to whoever writes them.
_SURNAMES = """
kim gim ghim
lee yi i rhee ri li rhie
park bak pak bahk bag
choi choe chwe
jung jeong chung cheong joung
kang gang
cho jo joh
yoon yun youn
jang chang jahng
lim im rim
shin sin
seo suh so
kwon gwon kwun
ahn an
yoo yu ryu you
oh o
moon mun
noh no roh ro
woo u wu
bae pae
baek paik back baeg
koo gu ku goo
heo hur huh
son sohn
jeon jun chun
ha hah
joo ju chu
chen chan chin tan
wang wong ong
huang wong ng hwang
zhang cheung chang teo
liu lau low
lin lam lim
wu ng
liang leung
zheng cheng tay
zhou chow chou
li lee lei
yang yeung
zhao chiu chao
xu hsu hui tsui
he ho
guo kwok kuo
luo lo law
cai tsai choi chua
xie hsieh tse
zhu chu choo
gao kao ko
lu lo
deng teng tang
feng fung
zeng tsang tseng
peng pang
pan poon
yuan yuen
jiang chiang kong
qian chien
sun suen
ma mah
mao mo
xi hsi
xiao hsiao siu
tang tong
ye yeh yip
yin yen
qin chin
shi shih
tian tien
du tu
bai pai pak
kong kung hung
long lung
qiu chiu yau
ren jen yam
shen shum
su so
yao yiu
zou tsou chow
hua
han hon
hong hung
jin chin
dai tai
fan
fu foo
meng
wen man
wei ngai
hou
hao
song sung soong
cao tsao
"""


def _groups(lines: str, prefix: str) -> dict[str, frozenset[str]]:
    """Return for each word the names that it may stand for: the first word of each line that it is in."""
    found: dict[str, set[str]] = {}
    for line in lines.split("\n"):
        words = line.split()
        for word in words:
            found.setdefault(word, set()).add(prefix + words[0])
    return {word: frozenset(heads) for word, heads in found.items()}


SHORT = _groups(_SHORT, "=")
SURNAMES = _groups(_SURNAMES, "@")
# Names that sound alike on paper and are different people's: hers and his, mostly.
DIFFERENT = {
    word: frozenset(line.split()) - {word}
    for line in (
        "michael michelle micheline",
        "robert rupert roberta",
        "john joan jane jean joanne",
        "stephen stephanie",
        "christian christina christine",
        "martin martina marta martha",
        "julian gillian juliana julia",
        "adrian adrienne adriana",
        "francis frances",
        "marcel marcelle",
        "andre andrea andrew",
        "carl carla carol",
        "george georgia",
        "aaron erin",
        "brian brianna bryony",
    )
    for word in line.split()
}
COMPOUND_SURNAMES = _words("""
欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 夏侯 东方 東方 皇甫 尉迟 公孙 公孫 慕容 令狐 南宫 獨孤 남궁 황보
제갈 선우 독고 사공
""")
