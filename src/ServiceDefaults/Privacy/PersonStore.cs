using Google.Protobuf.WellKnownTypes;
using Governance.Common.V1;
using Governance.ServiceDefaults.Database;
using Governance.ServiceDefaults.Paging;
using Npgsql;
using static Governance.ServiceDefaults.Database.Sql;

namespace Governance.ServiceDefaults.Privacy;

/// <summary>Where people's data lie: encrypted on the way in, plain on the way out.</summary>
public sealed class PersonStore(ServiceDatabase database, PrivacyKeys keys)
{
    public const int MaxFound = 100;

    /// <summary>How pseudonyms begin, and nothing else.</summary>
    public const char PseudonymMark = '#';

    private const string Columns =
        "id, record_kind, record_id, territory, part, confidential, name, phone, citizen_id, home, email, subject, expires_at";

    private static readonly Insert Persons = new(
        "persons",
        "id uuid, record_kind text, record_id uuid, territory text, part smallint, confidential bool, name bytea, phone bytea, phone_index bytea, "
        + "citizen_id bytea, citizen_id_index bytea, home bytea, email bytea, subject bytea, subject_index bytea");

    private static readonly Insert Accesses = new(
        "person_accesses", "id uuid, at timestamptz, subject text, role text, action text, territory text, record_id uuid, reason text");

    /// <summary>
    /// Keeps a person's data with a record of the command. <paramref name="subject"/> is given when the person is the subject of
    /// a token.
    /// </summary>
    public void Add(Command command, string recordKind, Guid recordId, string territory, PersonPart part, Person? given, bool confidential, string subject = "")
    {
        var id = command.NewId();
        var person = PersonRules.Normal(given ?? new Person());
        command.Write(
            Persons, id, recordKind, recordId, territory, (short)part, confidential,
            Encrypted(id, "name", person.Name),
            Encrypted(id, "phone", person.Phone), IndexOf("phone", person.Phone),
            Encrypted(id, "citizen_id", person.CitizenId), IndexOf("citizen_id", person.CitizenId),
            Encrypted(id, "home", person.Home),
            Encrypted(id, "email", person.Email),
            Encrypted(id, "subject", subject), IndexOf("subject", subject));
    }

    /// <summary>Until when the data of a record's people are kept; null while the record is under way.</summary>
    public static void KeepUntil(Command command, Guid recordId, DateTimeOffset? instant) =>
        command.Write("update persons set expires_at = $2 where record_id = $1", P(recordId), N(instant));

    public static void Erase(Command command, Guid id) => command.Write("delete from persons where id = $1", P(id));

    /// <summary>Another word for the subject, which only means something within one record, and to whoever has the key.</summary>
    public string Pseudonym(Guid recordId, string subject) => $"{PseudonymMark}{Convert.ToHexStringLower(keys.Index("pseudonym", $"{recordId:N}{subject}"))}";

    /// <summary>What finds a subject's data in <c>persons.subject_index</c>.</summary>
    public byte[] SubjectIndex(string subject) => keys.Index("subject", subject);

    public Task<PersonEntry?> FindAsync(Guid id, CancellationToken cancellation) =>
        database.FirstAsync($"select {Columns} from persons where id = $1", Read, [P(id)], cancellation);

    public Task<List<PersonEntry>> OfRecordAsync(Guid recordId, CancellationToken cancellation) =>
        database.QueryAsync($"select {Columns} from persons where record_id = $1 order by part, id limit {MaxFound}", Read, [P(recordId)], cancellation);

    /// <summary>Everybody of these records, however many.</summary>
    public Task<List<PersonEntry>> OfRecordsAsync(Guid[] recordIds, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {Columns} from persons where record_id = any($1) order by part, id", Read, [P(recordIds)], cancellation);

    public Task<List<PersonEntry>> OfSubjectAsync(string subject, (string Low, string High) range, CancellationToken cancellation) =>
        database.QueryAsync(
            $"select {Columns} from persons where subject_index = $1 and territory >= $2 and territory < $3 order by id",
            Read, [P(SubjectIndex(subject)), P(range.Low), P(range.High)], cancellation);

    /// <summary>Not who stays confidential: that a record is found by somebody's number tells who reported it.</summary>
    public Task<List<PersonEntry>> WithPhoneAsync(string phone, (string Low, string High) range, CancellationToken cancellation) =>
        WithAsync("phone", PersonRules.NormalPhone(phone), range, cancellation);

    public Task<List<PersonEntry>> WithCitizenIdAsync(string citizenId, (string Low, string High) range, CancellationToken cancellation) =>
        WithAsync("citizen_id", Primitives.CitizenId.Parse(citizenId).Value, range, cancellation);

    public static void Note(Command command, Guid id, string action, string territory, Guid? recordId, string reason) =>
        command.Write(Accesses, id, command.Now, command.Actor.Subject, command.Actor.Role, action, territory, recordId, reason);

    public Task<List<PersonAccess>> AccessesAsync((string Low, string High) range, Page page, CancellationToken cancellation) =>
        database.QueryAsync(
            """
            select id, at, subject, role, action, territory, record_id, reason from person_accesses
            where territory >= $1 and territory < $2 and ($3::uuid is null or id < $3)
            order by id desc limit $4
            """,
            reader => new PersonAccess
            {
                Id = reader.GetGuid(0).ToString(),
                At = reader.Instant(1).ToTimestamp(),
                Subject = reader.GetString(2),
                Role = reader.GetString(3),
                Action = reader.GetString(4),
                Territory = reader.GetString(5),
                RecordId = reader.GuidOrNull(6)?.ToString() ?? "",
                Reason = reader.GetString(7),
            },
            [P(range.Low), P(range.High), N(page.IdAfter(0)), P(page.Fetch)],
            cancellation);

    private Task<List<PersonEntry>> WithAsync(string field, string value, (string Low, string High) range, CancellationToken cancellation) =>
        database.QueryAsync(
            $"""
            select {Columns} from persons
            where {field}_index = $1 and territory >= $2 and territory < $3 and not confidential
            order by id desc limit {MaxFound}
            """,
            Read, [P(keys.Index(field, value)), P(range.Low), P(range.High)], cancellation);

    private byte[]? Encrypted(Guid id, string field, string value) => value.Length is 0 ? null : keys.Encrypt(Place(id, field), value);

    private byte[]? IndexOf(string field, string value) => value.Length is 0 ? null : keys.Index(field, value);

    private static string Place(Guid id, string field) => $"persons.{field}:{id:N}";

    private PersonEntry Read(NpgsqlDataReader reader)
    {
        var id = reader.GetGuid(0);
        return new PersonEntry
        {
            Id = id.ToString(),
            RecordKind = reader.GetString(1),
            RecordId = reader.GetGuid(2).ToString(),
            Territory = reader.GetString(3),
            Part = (PersonPart)reader.GetInt16(4),
            Confidential = reader.GetBoolean(5),
            Person = new Person
            {
                Name = Plain(6, "name"),
                Phone = Plain(7, "phone"),
                CitizenId = Plain(8, "citizen_id"),
                Home = Plain(9, "home"),
                Email = Plain(10, "email"),
            },
            Subject = Plain(11, "subject"),
            ExpiresAt = reader.InstantOrNull(12)?.ToTimestamp(),
        };

        string Plain(int column, string field) =>
            reader.IsDBNull(column) ? "" : keys.Decrypt(Place(id, field), reader.GetFieldValue<byte[]>(column));
    }
}
