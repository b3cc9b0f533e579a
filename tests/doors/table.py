"""Every address of the house, and who gets in.

The columns are anonymous, the owner of what is asked for, another user, the owner suspended, a partner's program (an
API key), a moderator, a senior moderator, an auditor, and a superuser without a second factor in this session; first
for GET, then for POST (an empty form). Staff used a second factor.
"""

from __future__ import annotations

MEANS = {
    ".": 200,  # in
    "+": 202,  # in, and the answer is awaited
    ">": 302,  # led elsewhere: to the sign-in, to the second factor, or on after something was done
    "?": 400,  # in, but the form is wrong
    "k": 401,  # no key
    "!": 403,  # known, and refused
    "x": 404,  # not yours, so not there
    "-": 405,  # not with this method
    "=": 409,  # in, but not now
    "w": 503,  # no worker serves the tests
    "~": 422,  # in, but the form is wrong
}

TABLE = """
# velluto
#                                   aouspmMAS  aouspmMAS
home                                .........  .........
healthz                             wwwwwwwww  ---------
readyz                              .........  ---------
metrics                             .........  ---------
style                               xxx!xxxxx  xxx!xxxxx

# accounts
#                                   aouspmMAS  aouspmMAS
accounts:home                       >...>....  >...>....
accounts:credits                    >...>....  >...>....
accounts:keys                       >...>....  >...>....
accounts:key-revoke                 >--->----  >>x>>xxxx

# moderation; the link is guessed
#                                   aouspmMAS  aouspmMAS
moderation:appeal                   xxxxxxxxx  xxxxxxxxx

# voices
#                                   aouspmMAS  aouspmMAS
voices:list                         >...>....  >...>....
voices:detail                       >.x.>xxxx  >.x.>xxxx

# consent
#                                   aouspmMAS  aouspmMAS
consent:declare                     >..!>....  >..!>....
consent:gate                        >>x!>xxxx  >>x!>xxxx
consent:sample                      >>x!>xxxx  >>x!>xxxx
consent:representations             >.x!>xxxx  >.x!>xxxx
consent:captcha                     >>x!>xxxx  >>x!>xxxx
consent:captcha-phrase              >--!>----  >=x!>xxxx
consent:captcha-answer              >--!>----  >>x!>xxxx
consent:statement                   >>x!>xxxx  >>x!>xxxx
consent:checking                    >.x.>xxxx  >.x.>xxxx
consent:checking-status             >.x.>xxxx  >--->----
consent:building-status             >.x.>xxxx  >--->----
consent:help                        >--!>----  >>x!>xxxx

# synthesis
#                                   aouspmMAS  aouspmMAS
synthesis:speak                     >..!>....  >..!>....
synthesis:history                   >...>....  >...>....
synthesis:speech                    >.x.>xxxx  >.x.>xxxx
synthesis:speech-status             >.x.>xxxx  >--->----
synthesis:cancel                    >--->----  >>x>>xxxx
synthesis:audio                     >.x.>xxxx  >--->----
detector                            .........  .........
detection                           .........  .........
detection-status                    .........  ---------

# takedowns; the links are guessed
#                                   aouspmMAS  aouspmMAS
takedowns:withdraw                  >.x.>xxxx  >>x>>xxxx
takedowns:end                       >xxx>xxxx  >--->----
takedowns:standing                  >...>....  >--->----
takedowns:copy                      xxxxxxxxx  xxxxxxxxx
takedowns:certificate               xxxxxxxxx  ---------
takedowns:certificate-json          xxxxxxxxx  ---------

# the API, with PUT and DELETE as well
#                                   aouspmMAS  aouspmMAS
api:me                              kkkk.kkkk  kkkk-kkkk  kkkk-kkkk  kkkk-kkkk
api:detections                      ---------  ?????????  ---------  ---------
api:detection                       +++++++++  ---------  ---------  ---------

# the admin; the pages that each model has are in test_permissions.py
#                                   aouspmMAS  aouspmMAS
admin:index                         >>>!>...>  >>>!>...>
admin:login                         >!!!>>>>>  >!!!>>>>>
admin:logout                        >>>!>>>>>  >>>!>>>>>
admin:password_change               >>>!>>>>>  >>>!>>>>>
admin:password_change_done          >>>!>...>  >>>!>--->
admin:autocomplete                  >>>!>!!!>  >>>!>--->
admin:jsi18n                        >>>!>...>  >>>!>--->
admin:view_on_site                  >>>!>xxx>  >>>!>xxx>
admin:velluto_job_retry             >>>!>!-!>  >>>!>!>!>
admin:moderation_case_claim         >>>!>!!!>  >>>!>>>!>
admin:moderation_case_release       >>>!>!!!>  >>>!>>>!>
admin:moderation_case_decide        >>>!>!!!>  >>>!>~~!>
admin:voices_recording_audio        >>>!>..!>  >>>!>..!>
admin:voices_recording_picture      >>>!>..!>  >>>!>..!>
admin:app_list                      >>>!>...>  >>>!>...>
"""

DOORS: dict[str, list[str]] = {
    name: columns
    for line in TABLE.splitlines()
    if line and not line.startswith("#")
    for name, *columns in [line.split()]
}
METHODS = ("get", "post", "put", "delete")
