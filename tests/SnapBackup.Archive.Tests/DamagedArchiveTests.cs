using System.Buffers.Binary;
using System.Text;
using SnapBackup.Archive.Format;
using SnapBackup.Blocks;

namespace SnapBackup.Archive.Tests;

public sealed class DamagedArchiveTests
{
    private static readonly byte[] Image = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(n => $"{n % 1000} ")));

    [Fact]
    public async Task A_cut_archive_is_refused_with_its_missing_part_named_wherever_it_was_cut()
    {
        var bytes = await TestArchive.BytesOf(Image);
        for (var length = 0; length < bytes.Length; length++)
        {
            var error = await Refused(bytes[..length]);
            Assert.True(error.Reason == (length < 4 ? ArchiveError.NotAnArchive : ArchiveError.Truncated), $"cut to {length}: {error.Message}");
            Assert.True(length < 4 || error.Message.Contains("its end, with manifest and seek table, is missing", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task Bytes_missing_in_the_middle_are_noticed_at_opening()
    {
        var bytes = await TestArchive.BytesOf(Image);
        for (var at = 0; at < bytes.Length - 1; at += 7)
            await Refused([.. bytes.AsSpan(0, at), .. bytes.AsSpan(at + 1)]);
    }

    [Fact]
    public async Task Bytes_appended_are_noticed_at_opening()
    {
        var error = await Refused([.. await TestArchive.BytesOf(Image), 0]);

        Assert.Equal(ArchiveError.Truncated, error.Reason);
    }

    [Fact]
    public async Task Every_flipped_bit_of_tables_and_manifest_is_noticed_at_opening()
    {
        var bytes = await TestArchive.BytesOf(Image);
        var tables = bytes.AsSpan().IndexOf("SNAPHASH"u8) - SkippableFrameHeader.Size;
        for (var bit = tables * 8; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            await Refused(bytes);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public async Task A_flipped_bit_of_a_frame_is_found_by_verification_or_changes_nothing()
    {
        var bytes = await TestArchive.BytesOf(Image);
        var frames = bytes.AsSpan().IndexOf("SNAPHASH"u8) - SkippableFrameHeader.Size;
        var harmless = 0;
        for (var at = 0; at < frames; at += 3)
        {
            var flip = (byte)(1 << (at % 8));
            bytes[at] ^= flip;
            await using (var archive = await TestArchive.Open(bytes))
            {
                if ((await archive.VerifyAsync()).IsIntact)
                {
                    harmless++;
                    Assert.Equal(Image, await TestArchive.Restored(archive));
                }
            }

            bytes[at] ^= flip;
        }

        // A frame's header has a bit that decoders must pass over.
        Assert.InRange(harmless, 0, 4);
    }

    [Fact]
    public async Task Verification_lists_every_damaged_frame_and_counts_the_rest()
    {
        var noise = new byte[5 * TestArchive.FrameSize];
        new Random(1).NextBytes(noise);
        var bytes = await TestArchive.BytesOf(noise);
        bytes[TestArchive.FrameSize / 2] ^= 1;
        bytes[TestArchive.FrameSize * 7 / 2] ^= 1;
        await using var archive = await TestArchive.Open(bytes);

        var verification = await archive.VerifyAsync();

        Assert.False(verification.IsIntact);
        Assert.Equal(3 * TestArchive.FrameSize, verification.BytesVerified);
        Assert.Equal([0L, 3L * TestArchive.FrameSize], verification.Damaged.Select(frame => frame.Offset));
        Assert.All(verification.Damaged, frame => Assert.Equal(TestArchive.FrameSize, frame.Length));
    }

    [Fact]
    public async Task A_medium_that_cannot_be_read_is_damage_of_those_frames()
    {
        var noise = new byte[3 * TestArchive.FrameSize];
        new Random(1).NextBytes(noise);
        var file = new MemoryBlockDevice("some.img.zst", await TestArchive.BytesOf(noise));
        await using var archive = await ImageArchive.OpenAsync(file);
        file.Fault = (_, offset, _) =>
        {
            if (offset == 0)
                throw new BlockDeviceException(BlockDeviceError.InputOutput, "some.img.zst: bad sector.");
        };

        var damaged = Assert.Single((await archive.VerifyAsync()).Damaged);

        Assert.Equal(new DamagedFrame(0, TestArchive.FrameSize, "some.img.zst: bad sector."), damaged);
    }

    [Fact]
    public async Task Two_frames_that_changed_places_are_noticed()
    {
        var forged = ForgedArchive.Create();
        (forged.Frames[0], forged.Frames[1]) = (forged.Frames[1], forged.Frames[0]);
        (forged.Entries[0], forged.Entries[1]) = (forged.Entries[1], forged.Entries[0]);
        await using var archive = await TestArchive.Open(forged.WithRightDigests().ToBytes());

        var verification = await archive.VerifyAsync();

        Assert.Equal([0L, TestArchive.FrameSize], verification.Damaged.Select(frame => frame.Offset));
    }

    [Fact]
    public async Task A_frame_that_holds_less_than_it_says_is_damaged()
    {
        var forged = ForgedArchive.Create();
        forged.Frames[0] = forged.Frames[2];
        forged.Entries[0] = forged.Entries[0] with { CompressedSize = (uint)forged.Frames[2].Length };
        await using var archive = await TestArchive.Open(forged.WithRightDigests().ToBytes());

        var damaged = Assert.Single((await archive.VerifyAsync()).Damaged);

        Assert.Contains("holds 100 bytes instead of 65536", damaged.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forged_archive_without_a_fault_opens_so_the_other_tests_mean_something()
    {
        await using var archive = await TestArchive.Open(ForgedArchive.Create().WithRightDigests().ToBytes());

        Assert.True((await archive.VerifyAsync()).IsIntact);
    }

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("A text, long enough to hold a footer, an entry and then some more.")]
    public async Task What_is_no_archive_is_called_that(string text) =>
        Assert.Equal(ArchiveError.NotAnArchive, (await Refused(Encoding.ASCII.GetBytes(text))).Reason);

    [Fact]
    public async Task A_seekable_file_of_another_program_is_no_archive()
    {
        var forged = ForgedArchive.Create().ToBytes();
        var signature = forged.AsSpan().IndexOf("SNAPMETA"u8);
        "OTHERAPP"u8.CopyTo(forged.AsSpan(signature));

        Assert.Equal(ArchiveError.NotAnArchive, (await Refused(forged)).Reason);
    }

    [Fact]
    public async Task An_absurd_number_of_frames_is_refused_before_anything_is_allocated()
    {
        var bytes = ForgedArchive.Create().ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - SeekTableFooter.Size), uint.MaxValue);

        var error = await Refused(bytes);

        Assert.Equal(ArchiveError.LimitExceeded, error.Reason);
        Assert.Contains($"{uint.MaxValue}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_number_of_frames_larger_than_the_file_is_damage()
    {
        var bytes = ForgedArchive.Create().ToBytes();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - SeekTableFooter.Size), ArchiveLimits.MaxFrames);

        Assert.Equal(ArchiveError.Damaged, (await Refused(bytes)).Reason);
    }

    [Fact]
    public async Task An_absurd_length_of_the_manifest_is_refused_before_anything_is_allocated()
    {
        var bytes = ForgedArchive.Create().ToBytes();
        var manifestEntry = bytes.AsSpan(bytes.Length - SeekTableFooter.Size - SeekTableEntry.Size);
        BinaryPrimitives.WriteUInt32LittleEndian(manifestEntry, uint.MaxValue);

        Assert.Equal(ArchiveError.LimitExceeded, (await Refused(bytes)).Reason);
    }

    [Fact]
    public async Task A_manifest_that_starts_before_the_file_is_damage()
    {
        var bytes = ForgedArchive.Create().ToBytes();
        var tail = bytes.AsSpan(bytes.AsSpan().IndexOf("SNAPMETA"u8)).ToArray();
        Assert.Equal(ArchiveError.Damaged, (await Refused(tail)).Reason);
    }

    [Fact]
    public async Task An_absurd_length_of_a_frame_is_refused_before_anything_is_allocated()
    {
        var forged = ForgedArchive.Create();
        forged.Entries[1] = forged.Entries[1] with { CompressedSize = int.MaxValue };

        Assert.Equal(ArchiveError.LimitExceeded, (await Refused(forged.WithRightDigests().ToBytes())).Reason);
    }

    [Fact]
    public async Task A_frame_of_another_content_length_is_damage()
    {
        var forged = ForgedArchive.Create();
        forged.Entries[1] = forged.Entries[1] with { DecompressedSize = 1 << 30 };

        Assert.Equal(ArchiveError.Damaged, (await Refused(forged.WithRightDigests().ToBytes())).Reason);
    }

    [Fact]
    public async Task Frames_that_do_not_add_up_to_the_file_are_damage()
    {
        var forged = ForgedArchive.Create();
        forged.Frames.Add([1, 2, 3]);

        Assert.Equal(ArchiveError.Damaged, (await Refused(forged.ToBytes())).Reason);
    }

    [Fact]
    public async Task Another_number_of_frames_than_the_image_has_is_damage()
    {
        var forged = ForgedArchive.Create();
        forged.Entries.Add(forged.Entries[0]);

        Assert.Equal(ArchiveError.Damaged, (await Refused(forged.ToBytes())).Reason);
    }

    [Theory]
    [InlineData("\"imageSize\": 131172", "\"imageSize\": 0")]
    [InlineData("\"imageSize\": 131172", "\"imageSize\": -1")]
    [InlineData("\"imageSize\": 131172", "\"imageSize\": 9223372036854775807")]
    [InlineData("\"imageSize\": 131172", "\"imageSize\": 1e999")]
    [InlineData("\"frameSize\": 65536", "\"frameSize\": 0")]
    [InlineData("\"frameSize\": 65536", "\"frameSize\": -65536")]
    [InlineData("\"frameSize\": 65536", "\"frameSize\": 2147483647")]
    [InlineData("\"sectorSize\": 512", "\"sectorSize\": 0")]
    [InlineData("\"deviceName\": \"disk\"", "\"deviceName\": \"../../etc/cron.d/x\"")]
    [InlineData("\"deviceName\": \"disk\"", "\"deviceName\": null")]
    [InlineData("\"snapshotName\": null", "\"snapshotName\": \"\\u001b[2J\"")]
    [InlineData("\"parentId\": null", "\"parentId\": \"11111111-2222-3333-4444-555555555555\"")]
    [InlineData("\"contentDigest\": \"", "\"contentDigest\": \"xyz")]
    [InlineData("\"snapshotTime\": \"2025", "\"snapshotTime\": \"yesterday")]
    [InlineData("{", "[")]
    [InlineData("{", "")]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": \"1\"")]
    [InlineData("\"formatVersion\": 1", "\"version\": 1")]
    public async Task A_manifest_that_makes_no_sense_is_damage_even_when_its_digest_is_right(string part, string replacement) =>
        Assert.Equal(ArchiveError.Damaged, (await Refused(ForgedArchive.Create().With(part, replacement).ToBytes())).Reason);

    [Theory]
    [InlineData("\"formatVersion\": 1", "\"formatVersion\": 2", "format version 2")]
    [InlineData("\"kind\": \"full\"", "\"kind\": \"incremental\"", "kind 'incremental'")]
    [InlineData("\"digestAlgorithm\": \"xxh128\"", "\"digestAlgorithm\": \"sha256\"", "digest algorithm 'sha256'")]
    public async Task What_a_later_version_wrote_is_told_from_damage(string part, string replacement, string named)
    {
        var error = await Refused(ForgedArchive.Create().With(part, replacement).ToBytes());

        Assert.Equal(ArchiveError.UnsupportedVersion, error.Reason);
        Assert.Contains(named, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_field_that_a_later_version_added_is_passed_over()
    {
        var forged = ForgedArchive.Create().With("\"formatVersion\": 1", "\"proof\": { \"sample\": [1, 2] }, \"formatVersion\": 1");
        await using var archive = await TestArchive.Open(forged.ToBytes());

        Assert.Equal("disk", archive.Manifest.DeviceName);
    }

    private static Task<ArchiveException> Refused(byte[] bytes) => Assert.ThrowsAsync<ArchiveException>(() => TestArchive.Open(bytes));
}
