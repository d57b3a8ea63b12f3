"""Two small filters that Swift's proxy loads from this folder."""

from swift.common.middleware.tempauth import TempAuth


def tempauth(global_conf, **local_conf):
    """With tempauth the access key is "account:user", and no real one has a colon.

    This gives its users a second name: access_key_ACCOUNT_USER = KEY.
    """
    conf = dict(global_conf, **local_conf)

    def make(app):
        auth = TempAuth(app, conf)
        for option, key in conf.items():
            if option.startswith("access_key_"):
                auth.users[key] = auth.users[":".join(option.split("_")[2:])]
        return auth

    return make


class NoCache:
    """A memcached client that finds nothing."""

    def get(self, key, *args, **kwargs):
        return None

    def get_multi(self, keys, *args, **kwargs):
        return [None for _ in keys]

    def set(self, *args, **kwargs):
        pass

    def set_multi(self, *args, **kwargs):
        pass

    def delete(self, *args, **kwargs):
        pass

    def incr(self, key, delta=1, *args, **kwargs):
        return delta

    def decr(self, key, delta=1, *args, **kwargs):
        return 0


def no_cache(global_conf, **local_conf):
    def make(app):
        def call(env, start_response):
            env["swift.cache"] = NoCache()
            return app(env, start_response)

        return call

    return make
