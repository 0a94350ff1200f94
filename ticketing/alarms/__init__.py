"""An urgent ticket that nobody signs is phoned: the duty roster in order, confirmed or next, and an SMS besides.

`raising` starts an alarm in the transaction of the breach, `running` is the background job that goes down the roster,
`calls` is what a phone network (telephony) asks for and reports.
"""
