"""One night on several machines: workers read host groups and compare portals, one command hands out and waits.

What is to be done and what came of it stands in the database (`opendata_spiders/store/shared_work.py`). A broker
carries the names of items to the workers and may lose or repeat them. work is what a worker does with an item, dispatch
hands a batch out until it is done, broker is Celery: the one module that imports it.
"""
