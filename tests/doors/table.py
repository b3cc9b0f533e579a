"""Every address of the house, and who gets in.

The columns are anonymous, the owner of what is asked for, another user, the owner suspended, a partner's program (an
API key), triage, a moderator, a senior moderator, an auditor, legal, and a superuser without a second factor in this
session; first for GET, then for POST (an empty form). Staff used a second factor.
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
#                                   aousptmMALS  aousptmMALS
home                                ...........  ...........
healthz                             wwwwwwwwwww  -----------
readyz                              ...........  -----------
metrics                             ...........  -----------
style                               xxx!xxxxxxx  xxx!xxxxxxx

# accounts
#                                   aousptmMALS  aousptmMALS
accounts:home                       >...>......  >...>......
accounts:credits                    >...>......  >...>......
accounts:keys                       >...>......  >...>......
accounts:key-revoke                 >--->------  >>x>>xxxxxx

# the operator's texts, which all of these have accepted
#                                   aousptmMALS  aousptmMALS
texts:list                          ...........  -----------
texts:text                          ...........  -----------
texts:version                       ...........  -----------
texts:accept                        >>>>>>>>>>>  >>>>>>>>>>>

# moderation; the link is guessed
#                                   aousptmMALS  aousptmMALS
moderation:appeal                   xxxxxxxxxxx  xxxxxxxxxxx
moderation:reports                  ...........  ...........
moderation:report-sent              ...........  ...........
moderation:report                   xxxxxxxxxxx  xxxxxxxxxxx
moderation:report-status            xxxxxxxxxxx  xxxxxxxxxxx

# voices
#                                   aousptmMALS  aousptmMALS
voices:list                         >...>......  >...>......
voices:detail                       >.x.>xxxxxx  >.x.>xxxxxx
voices:sharing                      >.x!>xxxxxx  >.x!>xxxxxx
voices:unshare                      >--->------  >>x>>xxxxxx

# the catalogue
#                                   aousptmMALS  aousptmMALS
catalogue:list                      >..!>......  >..!>......
catalogue:voice                     >..!>......  >..!>......
synthesis:preview                   >..!>......  >--!>------

# consent
#                                   aousptmMALS  aousptmMALS
consent:declare                     >..!>......  >..!>......
consent:gate                        >>x!>xxxxxx  >>x!>xxxxxx
consent:authorisation               >>x!>xxxxxx  >>x!>xxxxxx
consent:sample                      >>x!>xxxxxx  >>x!>xxxxxx
consent:representations             >.x!>xxxxxx  >.x!>xxxxxx
consent:captcha                     >>x!>xxxxxx  >>x!>xxxxxx
consent:captcha-phrase              >-x!>xxxxxx  >=x!>xxxxxx
consent:captcha-answer              >-x!>xxxxxx  >>x!>xxxxxx
consent:statement                   >>x!>xxxxxx  >>x!>xxxxxx
consent:checking                    >.x.>xxxxxx  >.x.>xxxxxx
consent:checking-status             >.x.>xxxxxx  >-x->xxxxxx
consent:building-status             >.x.>xxxxxx  >--->------
consent:help                        >-x!>xxxxxx  >>x!>xxxxxx
# the voice is the owner's own, so nobody is invited; the Voice Owner's links are guessed
consent:invitation                  >xx!>xxxxxx  >xx!>xxxxxx
consent:invite-again                >--!>------  >xx!>xxxxxx
consent:invitation-qr               >xx!>xxxxxx  >--!>------
consent:owner-gate                  xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-decline               xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-authorisation         xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-sample                xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-captcha               xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-captcha-phrase        xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-captcha-answer        xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-statement             xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-checking              xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-checking-status       xxxxxxxxxxx  xxxxxxxxxxx
consent:owner-help                  xxxxxxxxxxx  xxxxxxxxxxx

# synthesis
#                                   aousptmMALS  aousptmMALS
synthesis:speak                     >..!>......  >..!>......
synthesis:history                   >...>......  >...>......
synthesis:speech                    >.x.>xxxxxx  >.x.>xxxxxx
synthesis:speech-status             >.x.>xxxxxx  >--->------
synthesis:cancel                    >--->------  >>x>>xxxxxx
synthesis:blocked                   >.x.>xxxxxx  >~x~>xxxxxx
synthesis:edit                      >--!>------  >>x!>xxxxxx
synthesis:audio                     >.x.>xxxxxx  >--->------
detector                            ...........  ...........
detection                           ...........  ...........
detection-status                    ...........  -----------

# takedowns; the links are guessed
#                                   aousptmMALS  aousptmMALS
takedowns:withdraw                  >.x.>xxxxxx  >>x>>xxxxxx
takedowns:end                       >xxx>xxxxxx  >--->------
takedowns:standing                  >...>......  >--->------
takedowns:evidence                  >.x.>xxxxxx  >~x~>xxxxxx
takedowns:evidence-bundle           >--->------  >.x.>xxxxxx
takedowns:verifying                 ...........  -----------
takedowns:verifier                  ...........  -----------
takedowns:copy                      xxxxxxxxxxx  xxxxxxxxxxx
takedowns:certificate               xxxxxxxxxxx  -----------
takedowns:certificate-json          xxxxxxxxxxx  -----------
takedowns:notices                   ...........  ...........
takedowns:notice-sent               xxxxxxxxxxx  xxxxxxxxxxx
takedowns:notice-recording          -----------  xxxxxxxxxxx
takedowns:notice                    xxxxxxxxxxx  xxxxxxxxxxx
takedowns:notice-sample             -----------  xxxxxxxxxxx
takedowns:notice-withdraw           xxxxxxxxxxx  xxxxxxxxxxx
takedowns:counter-notice            >.x.>xxxxxx  >~x~>xxxxxx

# the Voice Owner's portal and requests; the links are guessed, and the voice is the account holder's own
#                                   aousptmMALS  aousptmMALS
owners:portal                       xxxxxxxxxxx  xxxxxxxxxxx
owners:pause                        xxxxxxxxxxx  xxxxxxxxxxx
owners:resume                       xxxxxxxxxxx  xxxxxxxxxxx
owners:copy                         xxxxxxxxxxx  xxxxxxxxxxx
owners:scope                        xxxxxxxxxxx  xxxxxxxxxxx
owners:end                          xxxxxxxxxxx  xxxxxxxxxxx
owners:own-portal                   >.x.>xxxxxx  >-x->xxxxxx
owners:own-pause                    >-x->xxxxxx  >>x>>xxxxxx
owners:own-resume                   >-x->xxxxxx  >>x>>xxxxxx
owners:own-copy                     >-x->xxxxxx  >.x.>xxxxxx
owner-requests:ask                  ...........  ~~~~~~~~~~~
owner-requests:sent                 ...........  -----------
owner-requests:request              xxxxxxxxxxx  xxxxxxxxxxx
owner-requests:sample               xxxxxxxxxxx  xxxxxxxxxxx
owner-requests:phrase               xxxxxxxxxxx  xxxxxxxxxxx
owner-requests:answer               xxxxxxxxxxx  xxxxxxxxxxx
owner-requests:status               xxxxxxxxxxx  xxxxxxxxxxx

# asking to be put on the No-Go list; the links are guessed
#                                   aousptmMALS  aousptmMALS
takedowns:listing                   ...........  ~~~~~~~~~~~
takedowns:listing-sent              ...........  ...........
takedowns:listing-standing          xxxxxxxxxxx  -----------
takedowns:listing-sample            -----------  xxxxxxxxxxx
takedowns:listing-phrase            -----------  xxxxxxxxxxx
takedowns:listing-answer            -----------  xxxxxxxxxxx
takedowns:listing-status            xxxxxxxxxxx  -----------
# privacy and retention; the export is another account's
takedowns:privacy                   >...>......  >--->------
takedowns:privacy-data              >...>......  >--->------
takedowns:privacy-export            >--->------  >>>>>>>>>>>
takedowns:privacy-download          >.x.>xxxxxx  >--->------
takedowns:privacy-restrict          >--->------  >>>>>>>>>>>
takedowns:privacy-lift              >--->------  >>>>>>>>>>>
takedowns:privacy-ask               >...>......  >...>......
takedowns:privacy-erase             >...>......  >~~~>~~~~~~
takedowns:privacy-outside           ...........  ...........
takedowns:privacy-sent              ...........  -----------
takedowns:privacy-request           xxxxxxxxxxx  xxxxxxxxxxx
takedowns:privacy-certificate       xxxxxxxxxxx  -----------
takedowns:retention                 ...........  -----------
takedowns:keep                      xxxxxxxxxxx  xxxxxxxxxxx

# the API, with PUT and DELETE as well
#                                   aousptmMALS  aousptmMALS
api:me                              kkkk.kkkkkk  kkkk-kkkkkk  kkkk-kkkkkk  kkkk-kkkkkk
api:detections                      -----------  ???????????  -----------  -----------
api:detection                       +++++++++++  -----------  -----------  -----------
api:reports                         kkkk-kkkkkk  kkkk?kkkkkk  kkkk-kkkkkk  kkkk-kkkkkk
api:report                          kkkkxkkkkkk  kkkk-kkkkkk  kkkk-kkkkkk  kkkk-kkkkkk
api:notices                         ...........  ???????????  -----------  -----------
api:notice                          kkkkxkkkkkk  kkkk-kkkkkk  kkkk-kkkkkk  kkkk-kkkkkk

# the admin; the pages that each model has are in test_permissions.py
#                                   aousptmMALS  aousptmMALS
admin:index                         >>>!>.....>  >>>!>.....>
admin:login                         >!!!>>>>>>>  >!!!>>>>>>>
admin:logout                        >>>!>>>>>>>  >>>!>>>>>>>
admin:password_change               >>>!>>>>>>>  >>>!>>>>>>>
admin:password_change_done          >>>!>.....>  >>>!>----->
admin:autocomplete                  >>>!>!!!!!>  >>>!>----->
admin:jsi18n                        >>>!>.....>  >>>!>----->
admin:view_on_site                  >>>!>xxxxx>  >>>!>xxxxx>
admin:velluto_job_retry             >>>!>!!-!!>  >>>!>!!>!!>
admin:moderation_case_claim         >>>!>!!!!!>  >>>!>>>>!>>
admin:moderation_case_keep          >>>!>!!!!!>  >>>!>===!=>
admin:moderation_case_release       >>>!>!!!!!>  >>>!>>>>!>>
admin:moderation_case_hand_over     >>>!>!!!!!>  >>>!>~~~!~>
admin:moderation_nogoentry_new         >>>!>!!!!!>  >>>!>!!!!!>
admin:moderation_nogoentry_look_up     >>>!>!!!!!>  >>>!>!!!!!>
admin:moderation_nogoentry_voice          >>>!>!!!!!>  >>>!>!!!!!>
admin:moderation_nogoentry_retire      >>>!>!!!!!>  >>>!>!!!!!>
admin:moderation_custodiancase_settle  >>>!>!!!!!>  >>>!>!!!!!>
admin:moderation_custodiancase_second  >>>!>!!!!!>  >>>!>!!!!!>
admin:moderation_case_decide        >>>!>!!!!!>  >>>!>!~~!!>
admin:moderation_case_second        >>>!>!!!!!>  >>>!>!!~!!>
admin:moderation_case_next          >>>!>!!!!!>  >>>!>>>>!>>
admin:moderation_case_pause         >>>!>!!!!!>  >>>!>>>>!>>
admin:moderation_case_save_view     >>>!>!!!!!>  >>>!>>>>>>>
admin:moderation_case_forget_view   >>>!>!!!!!>  >>>!>xxxxx>
admin:voices_recording_audio        >>>!>!..!!>  >>>!>!..!!>
admin:voices_recording_picture      >>>!>!..!!>  >>>!>!..!!>
admin:consent_document_file         >>>!>!..!.>  >>>!>!..!.>
admin:consent_document_judge        >>>!>!!!!!>  >>>!>!>>!!>
admin:takedowns_ownerrequest_judge  >>>!>!--!!>  >>>!>!>>!!>
admin:takedowns_ownerrecording_audio  >>>!>!..!!>  >>>!>!..!!>
admin:takedowns_notice_proof        >>>!>!..!!>  >>>!>!..!!>
admin:takedowns_notice_sample       >>>!>!..!!>  >>>!>!..!!>
admin:takedowns_notice_acknowledge  >>>!>!!!!!>  >>>!>!>>!!>
admin:takedowns_notice_hold         >>>!>!!!!!>  >>>!>!>>!!>
admin:takedowns_notice_take_up      >>>!>!!!!!>  >>>!>!>>!!>
admin:takedowns_notice_name         >>>!>!!!!!>  >>>!>!>>!!>
admin:takedowns_privacyrequest_document  >>>!>!..!!>  >>>!>!..!!>
admin:synthesis_output_audio        >>>!>!..!!>  >>>!>!..!!>
admin:accounts_user_lift            >>>!>!!.!!>  >>>!>!!~!!>
admin:takedowns_legalrequest_new        >>>!>!!!!.>  >>>!>!!!!~>
admin:takedowns_legalrequest_notice     >>>!>!!!!!>  >>>!>!!!!~>
admin:takedowns_legalrequest_lift_hold  >>>!>!!!!!>  >>>!>!!!!~>
admin:takedowns_legalrequest_bundle     >>>!>!!!!.>  >>>!>!!!!.>
admin:takedowns_legalrequest_document   >>>!>!!.!.>  >>>!>!!.!.>
admin:takedowns_evidencedemand_new      >>>!>!..!.>  >>>!>!~~!~>
admin:figures                       >>>!>!...!>  >>>!>!...!>
admin:app_list                      >>>!>.....>  >>>!>.....>
"""

DOORS: dict[str, list[str]] = {
    name: columns
    for line in TABLE.splitlines()
    if line and not line.startswith("#")
    for name, *columns in [line.split()]
}
METHODS = ("get", "post", "put", "delete")
