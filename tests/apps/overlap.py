"""Tells how many requests were inside the application at once, and on how many threads."""
import threading
import time

lock = threading.Lock()
inside = most = 0
threads = set()


def application(environ, start_response):
    global inside, most
    start_response("200 OK", [("Content-Type", "text/plain")])
    if environ["PATH_INFO"] == "/report":
        main = threading.current_thread() is threading.main_thread()
        return [b"%d threads, %d at once, multithread %s, main %s" % (
            len(threads), most, str(environ["wsgi.multithread"]).encode(), str(main).encode())]
    with lock:
        inside += 1
        most = max(most, inside)
        threads.add(threading.get_ident())
    time.sleep(0.02)
    with lock:
        inside -= 1
    return [b"done"]
