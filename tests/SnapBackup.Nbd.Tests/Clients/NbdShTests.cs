using static SnapBackup.Nbd.Tests.TestData;

namespace SnapBackup.Nbd.Tests.Clients;

public sealed class NbdShTests
{
    private const string Script = """
        import errno
        h.set_strict_mode(0)
        h.connect_uri(uri)
        assert h.get_structured_replies_negotiated()
        assert h.get_protocol() == 'newstyle-fixed'
        assert h.get_size() == 1048576

        def refused(number, action):
            try:
                action()
            except nbd.Error as error:
                assert error.errnum == number, error
            else:
                raise AssertionError('not refused')

        h.pwrite(b'abcd' * 128, 1000, nbd.CMD_FLAG_FUA)
        assert h.pread(512, 1000) == b'abcd' * 128
        assert h.pread(512, 1000, nbd.CMD_FLAG_DF) == b'abcd' * 128
        assert h.pread_structured(512, 1000, lambda data, offset, status, error: 0) == b'abcd' * 128
        h.zero(100, 1100, nbd.CMD_FLAG_NO_HOLE | nbd.CMD_FLAG_FUA)
        assert h.pread(100, 1100) == bytes(100)
        h.trim(100, 1300, nbd.CMD_FLAG_FUA)
        h.flush()
        refused(errno.EINVAL, lambda: h.pread(512, 1048576))
        refused(errno.ENOSPC, lambda: h.pwrite(bytes(512), 1048576))
        refused(errno.ENOSPC, lambda: h.zero(512, 1048576))
        refused(errno.EINVAL, lambda: h.trim(512, 1048576))
        h.cache(1048576, 0)
        h.zero(4096, 8192, nbd.CMD_FLAG_FAST_ZERO)
        refused(errno.EINVAL, lambda: h.cache(512, 1048576))
        refused(errno.EINVAL, lambda: h.block_status(512, 0, lambda *_: 0))
        refused(errno.EINVAL, lambda: h.pread(0, 0))
        refused(errno.EINVAL, lambda: h.pwrite(bytes(33 << 20), 0))
        assert h.pread(4, 1000) == b'abcd'

        cookies = [h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray([i]) * 4096), i * 4096) for i in range(64)]
        for cookie in cookies:
            while not h.aio_command_completed(cookie):
                h.poll(-1)
        for i in range(64):
            assert h.pread(4096, i * 4096) == bytes([i]) * 4096
        h.shutdown()
        """;

    [Fact]
    public async Task Each_command_with_each_flag_does_what_libnbd_expects()
    {
        ExternalTool.Require("nbdsh");
        // nbdsh takes the first python3 of the path; its module belongs to the system's.
        var env = ExternalTool.Require("env");
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", Pattern(1 << 20, 1))));
        (await env.RunAsync("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nbdsh", "-c", $"uri = '{server.Uri("disk")}'", "-c", Script)).Succeeded();
    }

    [Fact]
    public async Task The_status_of_an_export_is_told_context_by_context()
    {
        ExternalTool.Require("nbdsh");
        var env = ExternalTool.Require("env");
        var disk = new MemoryBlockDevice("disk", 1 << 20);
        Pattern(8192, 1).CopyTo(disk.Content, 65536);
        var exports = new TestExports(disk)
            .AddPoint("disk", "monday", new NbdChange(4096, 4096))
            .AddPoint("disk", "tuesday");
        await using var server = new TestServer(exports);
        var script = $$"""
            h.set_opt_mode(True)
            h.add_meta_context('base:allocation')
            h.add_meta_context('qemu:dirty-bitmap:monday')
            h.add_meta_context('qemu:dirty-bitmap:nothing')
            h.connect_uri('{{server.Uri("disk")}}')
            listed = []
            h.opt_list_meta_context(lambda name: listed.append(name) and 0)
            assert listed == ['base:allocation', 'qemu:dirty-bitmap:monday'], listed
            h.clear_meta_contexts()
            listed = []
            h.opt_list_meta_context(lambda name: listed.append(name) and 0)
            assert listed == ['base:allocation', 'qemu:dirty-bitmap:monday', 'qemu:dirty-bitmap:tuesday'], listed
            h.add_meta_context('base:allocation')
            h.add_meta_context('qemu:dirty-bitmap:monday')
            h.add_meta_context('qemu:dirty-bitmap:nothing')
            h.opt_go()
            assert h.can_meta_context('base:allocation')
            assert not h.can_meta_context('qemu:dirty-bitmap:nothing')

            def status(length, offset, flags=0):
                told = {}
                h.block_status(length, offset, lambda context, at, entries, error: told.update({context: entries}) or 0, flags)
                return told

            assert status(1048576, 0) == {
                'base:allocation': [65536, 3, 8192, 0, 974848, 3],
                'qemu:dirty-bitmap:monday': [4096, 0, 4096, 1, 1040384, 0]}
            assert status(8192, 66000, nbd.CMD_FLAG_REQ_ONE) == {
                'base:allocation': [7728, 0],
                'qemu:dirty-bitmap:monday': [8192, 0]}
            h.shutdown()
            """;
        (await env.RunAsync("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nbdsh", "-c", script)).Succeeded();
    }

    [Fact]
    public async Task EXPORT_NAME_and_simple_replies_serve_an_old_client()
    {
        ExternalTool.Require("nbdsh");
        var env = ExternalTool.Require("env");
        await using var server = new TestServer(new TestExports(new MemoryBlockDevice("disk", Pattern(1 << 20, 1))));
        var script = $"""
            h.set_handshake_flags(0)
            h.set_request_structured_replies(False)
            h.connect_uri('{server.Uri("disk")}')
            assert h.get_protocol() == 'newstyle'
            h.pwrite(b'old' * 512, 0)
            assert h.pread(1536, 0) == b'old' * 512
            h.shutdown()
            """;
        (await env.RunAsync("PATH=/usr/sbin:/usr/bin:/sbin:/bin", "nbdsh", "-c", script)).Succeeded();
    }
}
