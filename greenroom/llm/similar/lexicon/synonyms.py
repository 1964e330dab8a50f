"""Words and phrases that ask for the same thing in most questions; the first of each group stands for all of it."""

from greenroom.llm.similar.stems import stem

_GROUPS = """
begin start commence kick_off
end finish conclude
cancel terminate discontinue call_off
buy purchase
fix repair mend
help assist aid assistance
get obtain receive acquire
change switch update modify alter amend edit
delete erase clear
remove take_off take_away get_rid_of
choose select pick
show display
make create produce
build construct
keep retain
need require
allow permit
want wish desire
answer reply respond
ask enquire inquire
big large
small little
quick fast rapid speedy
easy simple straightforward
hard difficult tough tricky
near nearby close_to next_to
correct right
wrong incorrect
happy glad pleased
sad unhappy
smart clever intelligent
rich wealthy
ill sick unwell
beginner newbie novice
cheap inexpensive
expensive costly pricey
cost price charge fee
job occupation
firm company
car automobile
bike bicycle
phone telephone
mobile cellphone
photo photograph picture
film movie
tv television telly
flat apartment
lift elevator
garbage trash rubbish
holiday vacation
shop store
doctor physician gp
child kid
parcel package
luggage baggage
taxi cab
sofa couch
shut close
way method
step procedure process
kind type sort
information info detail
complain complaint
return send_back bring_back give_back
refund money_back reimburse reimbursement
reset recover restore
send post mail
forget forgot
find locate
fill_in fill_out complete
set_up setup configure
sign_in log_in login log_on signin logon
sign_up register enroll enrolment enrollment
sign_out log_out logout
book reserve
appointment slot
meeting gathering
contact reach get_in_touch_with get_hold_of
call ring phone_up
tell inform notify
explain clarify
describe depict
mean signify
happen occur take_place
cause lead_to bring_about
die pass_away
important significant crucial
famous well_known renowned

improve enhance
increase raise
reduce decrease lower lessen
speed_up accelerate
slow_down decelerate
connect link
join combine merge
split divide
share distribute
copy duplicate
move relocate transfer
travel journey trip
weight mass
error mistake fault
problem issue trouble
broken faulty defective
damage harm
danger risk hazard
safe secure
clean wash
cook prepare
eat consume
drink beverage
lunch midday_meal
supper dinner
bathroom toilet restroom loo
pharmacy chemist drugstore
medicine medication drug
vaccine jab shot vaccination
pill tablet
hospital clinic
lawyer solicitor attorney
university uni
teacher instructor
student pupil
exam test examination
homework assignment
employee worker staff
salary wage
quit resign
retire retirement
cv resume
landlord landlady
rent lease
insurance policy
bill invoice
receipt proof_of_purchase
discount reduction
voucher coupon
free no_cost complimentary free_of_charge
deadline due_date closing_date cutoff
schedule timetable
opening_hours business_hours
available in_stock
route path
weather forecast
rain rainfall
snow snowfall
internet web
website site webpage
email e-mail
wifi wi-fi
password passcode
folder directory
laptop notebook
computer pc
screen monitor
keyboard keypad
program app software
bug defect
error_message warning
search look_for look_up
capital capital_city
country nation
population inhabitants
president head_of_state
war conflict
author writer
song track
singer vocalist
game match
ocean sea
mountain peak
flower blossom
meaning definition
example instance
difference distinction
advantage benefit pro upside
disadvantage drawback con downside
purpose aim goal
synonym equivalent
origin source
tip advice suggestion recommendation
recommend suggest advise
learn study
practice exercise
begin_to get_started
quantity amount
number figure
frequently often
immediately instantly straight_away right_away
temporarily briefly
usually normally typically
include contain
consist comprise
use utilize
try attempt
upgrade move_up
fastest quickest
easiest simplest
postpone defer delay put_off
cashpoint atm cash_machine
petrol gasoline
lorry truck
pavement sidewalk
term semester
flight plane
ticket fare
subscription membership
plan tariff
supplier provider
customer client
kilo kilogram kg
expire run_out
"""


def _canonical() -> dict[str, str]:
    known: dict[str, str] = {}
    for line in _GROUPS.strip().splitlines():
        words = line.split()
        for word in words:
            known.setdefault(_key(word), _key(words[0]))
    return known


def _key(word: str) -> str:
    return "_".join(stem(part) for part in word.split("_"))


CANONICAL = _canonical()
"""The word that stands for a group, by stem; phrases with underscores between the stems of their words."""
LONGEST_PHRASE = max(key.count("_") + 1 for key in CANONICAL)
