"""Links to other sites: found in what pages say, and asked whether they still answer.

No models in here: what is found and answered is plain data.
"""
