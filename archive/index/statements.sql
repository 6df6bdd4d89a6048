-- create.archive
CREATE TABLE archive ( id INTEGER NOT NULL, format INTEGER NOT NULL, archive_id TEXT NOT NULL, secret BLOB NOT NULL, commits BIGINT DEFAULT '0' NOT NULL, PRIMARY KEY (id) );
-- create.event
CREATE TABLE event ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, kind TEXT NOT NULL, facts TEXT NOT NULL, undone BIGINT DEFAULT '0' NOT NULL );
-- create.folder
CREATE TABLE folder ( id INTEGER NOT NULL, volume BIGINT DEFAULT '0' NOT NULL, path BLOB NOT NULL, files BLOB NOT NULL, PRIMARY KEY (id), UNIQUE (volume, path) );
-- create.label
CREATE TABLE label ( study_key TEXT NOT NULL, tag TEXT NOT NULL, PRIMARY KEY (study_key, tag) );
-- create.merge
CREATE TABLE merge ( patient_key TEXT NOT NULL, into_key TEXT NOT NULL, PRIMARY KEY (patient_key) );
-- create.merge.ix_merge_into_key
CREATE INDEX ix_merge_into_key ON merge (into_key);
-- create.note
CREATE TABLE note ( study_key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (study_key) );
-- create.patient
CREATE TABLE patient ( id INTEGER NOT NULL, "key" TEXT NOT NULL, name TEXT DEFAULT '' NOT NULL, patient_id TEXT DEFAULT '' NOT NULL, issuer TEXT DEFAULT '' NOT NULL, birth_date TEXT DEFAULT '' NOT NULL, sex TEXT DEFAULT '' NOT NULL, other_ids TEXT DEFAULT '' NOT NULL, names TEXT DEFAULT '' NOT NULL, PRIMARY KEY (id), UNIQUE ("key") );
-- create.receipt
CREATE TABLE receipt ( id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, at TEXT NOT NULL, body BLOB NOT NULL );
-- create.view_state
CREATE TABLE view_state ( series_key TEXT NOT NULL, at TEXT NOT NULL, "view" TEXT NOT NULL, PRIMARY KEY (series_key) );
-- create.volume
CREATE TABLE volume ( id INTEGER NOT NULL, identity TEXT NOT NULL, mount BLOB NOT NULL, system TEXT DEFAULT '' NOT NULL, removable BIGINT DEFAULT '0' NOT NULL, PRIMARY KEY (id), UNIQUE (identity) );
-- create.study
CREATE TABLE study ( id INTEGER NOT NULL, patient INTEGER NOT NULL, "key" TEXT NOT NULL, study_uid TEXT DEFAULT '' NOT NULL, date TEXT DEFAULT '' NOT NULL, time TEXT DEFAULT '' NOT NULL, description TEXT DEFAULT '' NOT NULL, accession TEXT DEFAULT '' NOT NULL, study_id TEXT DEFAULT '' NOT NULL, institution TEXT DEFAULT '' NOT NULL, referring_physician TEXT DEFAULT '' NOT NULL, performing_physician TEXT DEFAULT '' NOT NULL, operators TEXT DEFAULT '' NOT NULL, modalities TEXT DEFAULT '' NOT NULL, n_series BIGINT DEFAULT '0' NOT NULL, n_instances BIGINT DEFAULT '0' NOT NULL, n_files BIGINT DEFAULT '0' NOT NULL, bytes BIGINT DEFAULT '0' NOT NULL, state TEXT DEFAULT '' NOT NULL, searched TEXT DEFAULT '' NOT NULL, PRIMARY KEY (id), UNIQUE (patient, study_uid), FOREIGN KEY(patient) REFERENCES patient (id), UNIQUE ("key") );
-- create.study.study_by_uid
CREATE INDEX study_by_uid ON study (study_uid);
-- create.study.study_newest
CREATE INDEX study_newest ON study (date DESC, id DESC, n_series);
-- create.series
CREATE TABLE series ( id INTEGER NOT NULL, study INTEGER NOT NULL, "key" TEXT NOT NULL, series_uid TEXT DEFAULT '' NOT NULL, modality TEXT DEFAULT '' NOT NULL, number BIGINT, description TEXT DEFAULT '' NOT NULL, body_part TEXT DEFAULT '' NOT NULL, protocol TEXT DEFAULT '' NOT NULL, manufacturer TEXT DEFAULT '' NOT NULL, model TEXT DEFAULT '' NOT NULL, station TEXT DEFAULT '' NOT NULL, rows BIGINT, columns BIGINT, frame_of_reference TEXT DEFAULT '' NOT NULL, words TEXT DEFAULT '' NOT NULL, n_instances BIGINT DEFAULT '0' NOT NULL, n_frames BIGINT DEFAULT '0' NOT NULL, n_files BIGINT DEFAULT '0' NOT NULL, bytes BIGINT DEFAULT '0' NOT NULL, kind TEXT DEFAULT '' NOT NULL, verdict TEXT DEFAULT '' NOT NULL, about TEXT DEFAULT '' NOT NULL, n_stacks BIGINT DEFAULT '0' NOT NULL, derived BIGINT DEFAULT '0' NOT NULL, state TEXT DEFAULT 'present' NOT NULL, n_removable BIGINT DEFAULT '0' NOT NULL, forgotten BIGINT DEFAULT '0' NOT NULL, PRIMARY KEY (id), UNIQUE (study, series_uid), FOREIGN KEY(study) REFERENCES study (id), UNIQUE ("key") );
-- create.series.series_by_uid
CREATE INDEX series_by_uid ON series (series_uid);
-- create.part
CREATE TABLE part ( series INTEGER NOT NULL, number INTEGER NOT NULL, instances BLOB NOT NULL, headers BLOB NOT NULL, PRIMARY KEY (series, number), FOREIGN KEY(series) REFERENCES series (id) );
-- create.stacks
CREATE TABLE stacks ( series INTEGER NOT NULL, split BLOB NOT NULL, PRIMARY KEY (series), FOREIGN KEY(series) REFERENCES series (id) );
-- create.thumbnail
CREATE TABLE thumbnail ( series INTEGER NOT NULL, png BLOB NOT NULL, PRIMARY KEY (series), FOREIGN KEY(series) REFERENCES series (id) );
-- archive
SELECT archive.id, archive.format, archive.archive_id, archive.secret, archive.commits FROM archive;
-- new_archive
INSERT INTO archive (id, format, archive_id, secret) VALUES (:id, :format, :archive_id, :secret);
-- count_commit
UPDATE archive SET commits=(archive.commits + 1);
-- commits
SELECT archive.commits FROM archive;
-- format
SELECT archive.format FROM archive;
-- set_format
UPDATE archive SET format=:format;
-- set_secret
UPDATE archive SET secret=:secret;
-- set_commits
UPDATE archive SET commits=:commits;
-- patient_by_key
SELECT patient.id, patient."key", patient.name, patient.patient_id, patient.issuer, patient.birth_date, patient.sex, patient.other_ids, patient.names FROM patient WHERE patient."key" = :key;
-- patient_by_id
SELECT patient.id, patient."key", patient.name, patient.patient_id, patient.issuer, patient.birth_date, patient.sex, patient.other_ids, patient.names FROM patient WHERE patient.id = :row_id;
-- new_patient
INSERT INTO patient ("key", name, patient_id, issuer, birth_date, sex, other_ids, names) VALUES (:key, :name, :patient_id, :issuer, :birth_date, :sex, :other_ids, :names);
-- patients_merged
SELECT patient.id, patient."key" FROM patient JOIN merge ON merge.patient_key = patient."key" AND merge.into_key = :into_key;
-- studies_newest
SELECT study.id, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, shown."key" AS patient_key, shown.name AS patient_name, shown.patient_id AS patient_patient_id, shown.issuer AS patient_issuer, shown.birth_date AS patient_birth_date, shown.sex AS patient_sex, shown.other_ids AS patient_other_ids, shown.names AS patient_names, note.text AS note FROM study JOIN patient AS own ON own.id = study.patient JOIN patient AS shown ON shown."key" = coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = own."key"), own."key") LEFT OUTER JOIN note ON note.study_key = study."key" WHERE study.n_series > 0 ORDER BY study.date DESC, study.id DESC LIMIT :limit;
-- studies_after
SELECT study.id, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, shown."key" AS patient_key, shown.name AS patient_name, shown.patient_id AS patient_patient_id, shown.issuer AS patient_issuer, shown.birth_date AS patient_birth_date, shown.sex AS patient_sex, shown.other_ids AS patient_other_ids, shown.names AS patient_names, note.text AS note FROM study JOIN patient AS own ON own.id = study.patient JOIN patient AS shown ON shown."key" = coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = own."key"), own."key") LEFT OUTER JOIN note ON note.study_key = study."key" WHERE study.n_series > 0 AND (study.date, study.id) < (:date, :row_id) ORDER BY study.date DESC, study.id DESC LIMIT :limit;
-- study_by_id
SELECT study.id, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, shown."key" AS patient_key, shown.name AS patient_name, shown.patient_id AS patient_patient_id, shown.issuer AS patient_issuer, shown.birth_date AS patient_birth_date, shown.sex AS patient_sex, shown.other_ids AS patient_other_ids, shown.names AS patient_names, note.text AS note FROM study JOIN patient AS own ON own.id = study.patient JOIN patient AS shown ON shown."key" = coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = own."key"), own."key") LEFT OUTER JOIN note ON note.study_key = study."key" WHERE study.id = :row_id;
-- studies_by_id
SELECT study.id, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, shown."key" AS patient_key, shown.name AS patient_name, shown.patient_id AS patient_patient_id, shown.issuer AS patient_issuer, shown.birth_date AS patient_birth_date, shown.sex AS patient_sex, shown.other_ids AS patient_other_ids, shown.names AS patient_names, note.text AS note FROM study JOIN patient AS own ON own.id = study.patient JOIN patient AS shown ON shown."key" = coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = own."key"), own."key") LEFT OUTER JOIN note ON note.study_key = study."key" WHERE study.id IN (SELECT anon_1.value FROM json_each(:studies) AS anon_1);
-- study_whole
SELECT study.id, study.patient, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, study.searched FROM study WHERE study.id = :row_id;
-- study_by_key
SELECT study.id, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, shown."key" AS patient_key, shown.name AS patient_name, shown.patient_id AS patient_patient_id, shown.issuer AS patient_issuer, shown.birth_date AS patient_birth_date, shown.sex AS patient_sex, shown.other_ids AS patient_other_ids, shown.names AS patient_names, note.text AS note FROM study JOIN patient AS own ON own.id = study.patient JOIN patient AS shown ON shown."key" = coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = own."key"), own."key") LEFT OUTER JOIN note ON note.study_key = study."key" WHERE study.n_series > 0 AND study."key" = :key;
-- study_by_identity
SELECT study.id, study."key" FROM study WHERE study."key" = :key;
-- studies_by_uid
SELECT study.id FROM study WHERE study.n_series > 0 AND study.study_uid >= :low AND study.study_uid < :high LIMIT 50;
-- studies_of_patient
SELECT study.id, study."key" FROM study JOIN patient ON patient.id = study.patient WHERE coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = patient."key"), patient."key") = :key;
-- study_count
SELECT count(*) AS count_1 FROM study WHERE study.n_series > 0;
-- study_texts
SELECT study.id, study."key", study.date, study.searched FROM study WHERE study.n_series > 0;
-- new_study
INSERT INTO study (patient, "key", study_uid, date, time, description, accession, study_id, institution, referring_physician, performing_physician, operators) VALUES (:patient, :key, :study_uid, :date, :time, :description, :accession, :study_id, :institution, :referring_physician, :performing_physician, :operators);
-- refresh_study
UPDATE study SET modalities=:modalities, n_series=(SELECT coalesce(count(series.id), 0) AS coalesce_1 FROM series WHERE series.study = study.id AND series.forgotten = 0), n_instances=(SELECT coalesce(sum(series.n_instances), 0) AS coalesce_3 FROM series WHERE series.study = study.id AND series.forgotten = 0), n_files=(SELECT coalesce(sum(series.n_files), 0) AS coalesce_5 FROM series WHERE series.study = study.id AND series.forgotten = 0), bytes=(SELECT coalesce(sum(series.bytes), 0) AS coalesce_7 FROM series WHERE series.study = study.id AND series.forgotten = 0), state=(SELECT CASE min(CASE series.state WHEN 'changed' THEN 0 WHEN 'missing' THEN 1 WHEN 'offline' THEN 2 ELSE 3 END) WHEN 0 THEN 'changed' WHEN 1 THEN 'missing' WHEN 2 THEN 'offline' ELSE 'present' END AS anon_1 FROM series WHERE series.study = study.id AND series.forgotten = 0), searched=:searched WHERE study.id = :row_id;
-- totals
SELECT count(DISTINCT coalesce((SELECT merge.into_key FROM merge WHERE merge.patient_key = patient."key"), patient."key")) AS patients, count(study.id) AS studies, coalesce(sum(study.n_series), 0) AS series, coalesce(sum(study.n_instances), 0) AS instances, coalesce(sum(study.n_files), 0) AS files, coalesce(sum(study.bytes), 0) AS bytes FROM study JOIN patient ON patient.id = study.patient WHERE study.n_series > 0;
-- series_of_study
SELECT series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series WHERE series.forgotten = 0 AND series.study = :study ORDER BY series.number, series.series_uid;
-- series_by_key
SELECT series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series WHERE series.forgotten = 0 AND series."key" = :key;
-- series_by_id
SELECT series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series WHERE series.id = :row_id;
-- series_by_identity
SELECT series.id, series.forgotten FROM series WHERE series."key" = :key;
-- series_by_uid
SELECT series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series WHERE series.forgotten = 0 AND series.series_uid >= :low AND series.series_uid < :high LIMIT 50;
-- all_series
SELECT series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series JOIN study ON study.id = series.study WHERE series.forgotten = 0 ORDER BY study.date DESC, study.id DESC, series.number, series.id;
-- series_to_derive
SELECT series.id FROM series WHERE series.forgotten = 0 AND series.derived != :derived;
-- series_forgotten_by
SELECT series.id, series.study FROM series WHERE series.forgotten = :forgotten;
-- forgotten_series
SELECT series.id FROM series WHERE series.forgotten != 0;
-- new_series
INSERT INTO series (study, "key", series_uid, modality, number, description, body_part, protocol, manufacturer, model, station, rows, columns, frame_of_reference, words) VALUES (:study, :key, :series_uid, :modality, :number, :description, :body_part, :protocol, :manufacturer, :model, :station, :rows, :columns, :frame_of_reference, :words);
-- new_series_as
INSERT INTO series (id, study, "key", series_uid, modality, number, description, body_part, protocol, manufacturer, model, station, rows, columns, frame_of_reference, words) VALUES (:id, :study, :key, :series_uid, :modality, :number, :description, :body_part, :protocol, :manufacturer, :model, :station, :rows, :columns, :frame_of_reference, :words);
-- study_rows
SELECT study.id FROM study;
-- count_series
UPDATE series SET n_instances=:n_instances, n_frames=:n_frames, n_files=:n_files, bytes=:bytes, derived=0, state='present' WHERE series.id = :row_id;
-- count_removable
UPDATE series SET n_removable=:n_removable WHERE series.id = :row_id;
-- derive_series
UPDATE series SET kind=:kind, verdict=:verdict, about=:about, n_stacks=:n_stacks, derived=:derived WHERE series.id = :row_id;
-- set_state
UPDATE series SET state=:state WHERE series.id = :row_id;
-- hide_series
UPDATE series SET forgotten=:forgotten WHERE series.id = :row_id AND series.forgotten = 0;
-- show_series
UPDATE series SET forgotten=:forgotten WHERE series.id = :row_id;
-- parts
SELECT part.number, part.instances, part.headers FROM part WHERE part.series = :series ORDER BY part.number;
-- keep_part_instances
UPDATE part SET instances=:instances WHERE part.series = :row_series AND part.number = :row_number;
-- part_instances
SELECT part.number, part.instances FROM part WHERE part.series = :series ORDER BY part.number;
-- part_headers
SELECT part.headers FROM part WHERE part.series = :series ORDER BY part.number;
-- part
SELECT part.instances, part.headers FROM part WHERE part.series = :series AND part.number = :number;
-- keep_part
INSERT INTO part (series, number, instances, headers) VALUES (:series, :number, :instances, :headers) ON CONFLICT (series, number) DO UPDATE SET instances = excluded.instances, headers = excluded.headers;
-- drop_parts
DELETE FROM part WHERE part.series = :series;
-- stacks
SELECT stacks.split FROM stacks WHERE stacks.series = :series;
-- keep_stacks
INSERT INTO stacks (series, split) VALUES (:series, :split) ON CONFLICT (series) DO UPDATE SET split = excluded.split;
-- drop_stacks
DELETE FROM stacks WHERE stacks.series = :series;
-- thumbnail
SELECT thumbnail.png FROM thumbnail WHERE thumbnail.series = :series;
-- keep_thumbnail
INSERT INTO thumbnail (series, png) VALUES (:series, :png) ON CONFLICT (series) DO UPDATE SET png = excluded.png;
-- drop_thumbnail
DELETE FROM thumbnail WHERE thumbnail.series = :series;
-- folder_by_path
SELECT folder.id, folder.files FROM folder WHERE folder.volume = :volume AND folder.path = :path;
-- folder_path
SELECT folder.path FROM folder WHERE folder.id = :row_id;
-- folder_place
SELECT folder.path, folder.volume FROM folder WHERE folder.id = :row_id;
-- folders_of_volume
SELECT folder.id, folder.path FROM folder WHERE folder.volume = :volume;
-- folders_removable
SELECT folder.id FROM folder JOIN volume ON volume.id = folder.volume WHERE volume.removable != 0;
-- folders
SELECT folder.id, folder.volume, folder.path, folder.files FROM folder;
-- new_folder
INSERT INTO folder (volume, path, files) VALUES (:volume, :path, :files);
-- keep_files
UPDATE folder SET files=:files WHERE folder.id = :row_id;
-- move_folder
UPDATE folder SET path=:path WHERE folder.id = :row_id;
-- volumes
SELECT volume.id, volume.identity, volume.mount, volume.system, volume.removable FROM volume;
-- new_volume
INSERT INTO volume (identity, mount, system, removable) VALUES (:identity, :mount, :system, :removable);
-- move_volume
UPDATE volume SET mount=:mount, removable=:removable WHERE volume.id = :row_id;
-- receipts
SELECT receipt.id, receipt.at, receipt.body FROM receipt ORDER BY receipt.id DESC LIMIT :limit;
-- new_receipt
INSERT INTO receipt (at, body) VALUES (:at, :body);
-- drop_receipts
DELETE FROM receipt WHERE receipt.id <= :last_id;
-- series_of_studies
SELECT series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series WHERE series.forgotten = 0 AND series.study IN (SELECT anon_1.value FROM json_each(:studies) AS anon_1) ORDER BY series.number, series.series_uid;
-- labels_of_studies
SELECT label.study_key, label.tag FROM label WHERE label.study_key IN (SELECT anon_1.value FROM json_each(:studies) AS anon_1) ORDER BY label.tag;
-- labels
SELECT label.tag FROM label WHERE label.study_key = :study_key ORDER BY label.tag;
-- keep_label
INSERT INTO label (study_key, tag) VALUES (:study_key, :tag) ON CONFLICT DO NOTHING;
-- drop_label
DELETE FROM label WHERE label.study_key = :study_key AND label.tag = :tag;
-- note
SELECT note.text FROM note WHERE note.study_key = :study_key;
-- keep_note
INSERT INTO note (study_key, text) VALUES (:study_key, :text) ON CONFLICT (study_key) DO UPDATE SET text = excluded.text;
-- drop_note
DELETE FROM note WHERE note.study_key = :study_key;
-- merge_of
SELECT merge.into_key FROM merge WHERE merge.patient_key = :patient_key;
-- merged_into
SELECT merge.patient_key FROM merge WHERE merge.into_key = :into_key;
-- keep_merge
INSERT INTO merge (patient_key, into_key) VALUES (:patient_key, :into_key) ON CONFLICT (patient_key) DO UPDATE SET into_key = excluded.into_key;
-- drop_merge
DELETE FROM merge WHERE merge.patient_key = :patient_key;
-- views
SELECT view_state.series_key, view_state.at, view_state."view" FROM view_state ORDER BY view_state.at DESC LIMIT :limit;
-- view
SELECT view_state."view" FROM view_state WHERE view_state.series_key = :series_key;
-- keep_view
INSERT INTO view_state (series_key, at, "view") VALUES (:series_key, :at, :view) ON CONFLICT (series_key) DO UPDATE SET at = excluded.at, "view" = excluded."view";
-- new_event
INSERT INTO event (at, kind, facts) VALUES (:at, :kind, :facts);
-- last_event
SELECT event.id, event.at, event.kind, event.facts, event.undone FROM event WHERE event.undone = 0 AND event.kind != 'undo' ORDER BY event.id DESC LIMIT 1;
-- event_undone
UPDATE event SET undone=:undone WHERE event.id = :row_id;
-- events_after
SELECT event.id, event.at, event.kind, event.facts, event.undone FROM event WHERE event.id > :row_id ORDER BY event.id;
-- newest_event
SELECT coalesce(max(event.id), 0) AS coalesce_1 FROM event;
-- rows_between.archive
SELECT rowid AS row_number, archive.id, archive.format, archive.archive_id, archive.secret, archive.commits FROM archive WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.event
SELECT rowid AS row_number, event.id, event.at, event.kind, event.facts, event.undone FROM event WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.folder
SELECT rowid AS row_number, folder.id, folder.volume, folder.path, folder.files FROM folder WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.label
SELECT rowid AS row_number, label.study_key, label.tag FROM label WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.merge
SELECT rowid AS row_number, merge.patient_key, merge.into_key FROM merge WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.note
SELECT rowid AS row_number, note.study_key, note.text FROM note WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.patient
SELECT rowid AS row_number, patient.id, patient."key", patient.name, patient.patient_id, patient.issuer, patient.birth_date, patient.sex, patient.other_ids, patient.names FROM patient WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.receipt
SELECT rowid AS row_number, receipt.id, receipt.at, receipt.body FROM receipt WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.view_state
SELECT rowid AS row_number, view_state.series_key, view_state.at, view_state."view" FROM view_state WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.volume
SELECT rowid AS row_number, volume.id, volume.identity, volume.mount, volume.system, volume.removable FROM volume WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.study
SELECT rowid AS row_number, study.id, study.patient, study."key", study.study_uid, study.date, study.time, study.description, study.accession, study.study_id, study.institution, study.referring_physician, study.performing_physician, study.operators, study.modalities, study.n_series, study.n_instances, study.n_files, study.bytes, study.state, study.searched FROM study WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.series
SELECT rowid AS row_number, series.id, series.study, series."key", series.series_uid, series.modality, series.number, series.description, series.body_part, series.protocol, series.manufacturer, series.model, series.station, series.rows, series.columns, series.frame_of_reference, series.words, series.n_instances, series.n_frames, series.n_files, series.bytes, series.kind, series.verdict, series.about, series.n_stacks, series.derived, series.state, series.n_removable, series.forgotten FROM series WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.part
SELECT rowid AS row_number, part.series, part.number, part.instances, part.headers FROM part WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.stacks
SELECT rowid AS row_number, stacks.series, stacks.split FROM stacks WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- rows_between.thumbnail
SELECT rowid AS row_number, thumbnail.series, thumbnail.png FROM thumbnail WHERE rowid BETWEEN :low AND :high ORDER BY rowid;
-- last_row.archive
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM archive;
-- last_row.event
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM event;
-- last_row.folder
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM folder;
-- last_row.label
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM label;
-- last_row.merge
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM merge;
-- last_row.note
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM note;
-- last_row.patient
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM patient;
-- last_row.receipt
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM receipt;
-- last_row.view_state
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM view_state;
-- last_row.volume
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM volume;
-- last_row.study
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM study;
-- last_row.series
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM series;
-- last_row.part
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM part;
-- last_row.stacks
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM stacks;
-- last_row.thumbnail
SELECT coalesce(max(rowid), 0) AS coalesce_1 FROM thumbnail;
-- keep_row.archive
INSERT INTO archive (id, format, archive_id, secret, commits) VALUES (:id, :format, :archive_id, :secret, :commits) ON CONFLICT DO NOTHING;
-- keep_row.event
INSERT INTO event (id, at, kind, facts, undone) VALUES (:id, :at, :kind, :facts, :undone) ON CONFLICT DO NOTHING;
-- keep_row.folder
INSERT INTO folder (id, volume, path, files) VALUES (:id, :volume, :path, :files) ON CONFLICT DO NOTHING;
-- keep_row.label
INSERT INTO label (study_key, tag) VALUES (:study_key, :tag) ON CONFLICT DO NOTHING;
-- keep_row.merge
INSERT INTO merge (patient_key, into_key) VALUES (:patient_key, :into_key) ON CONFLICT DO NOTHING;
-- keep_row.note
INSERT INTO note (study_key, text) VALUES (:study_key, :text) ON CONFLICT DO NOTHING;
-- keep_row.patient
INSERT INTO patient (id, "key", name, patient_id, issuer, birth_date, sex, other_ids, names) VALUES (:id, :key, :name, :patient_id, :issuer, :birth_date, :sex, :other_ids, :names) ON CONFLICT DO NOTHING;
-- keep_row.receipt
INSERT INTO receipt (id, at, body) VALUES (:id, :at, :body) ON CONFLICT DO NOTHING;
-- keep_row.view_state
INSERT INTO view_state (series_key, at, "view") VALUES (:series_key, :at, :view) ON CONFLICT DO NOTHING;
-- keep_row.volume
INSERT INTO volume (id, identity, mount, system, removable) VALUES (:id, :identity, :mount, :system, :removable) ON CONFLICT DO NOTHING;
-- keep_row.study
INSERT INTO study (id, patient, "key", study_uid, date, time, description, accession, study_id, institution, referring_physician, performing_physician, operators, modalities, n_series, n_instances, n_files, bytes, state, searched) VALUES (:id, :patient, :key, :study_uid, :date, :time, :description, :accession, :study_id, :institution, :referring_physician, :performing_physician, :operators, :modalities, :n_series, :n_instances, :n_files, :bytes, :state, :searched) ON CONFLICT DO NOTHING;
-- keep_row.series
INSERT INTO series (id, study, "key", series_uid, modality, number, description, body_part, protocol, manufacturer, model, station, rows, columns, frame_of_reference, words, n_instances, n_frames, n_files, bytes, kind, verdict, about, n_stacks, derived, state, n_removable, forgotten) VALUES (:id, :study, :key, :series_uid, :modality, :number, :description, :body_part, :protocol, :manufacturer, :model, :station, :rows, :columns, :frame_of_reference, :words, :n_instances, :n_frames, :n_files, :bytes, :kind, :verdict, :about, :n_stacks, :derived, :state, :n_removable, :forgotten) ON CONFLICT DO NOTHING;
-- keep_row.part
INSERT INTO part (series, number, instances, headers) VALUES (:series, :number, :instances, :headers) ON CONFLICT DO NOTHING;
-- keep_row.stacks
INSERT INTO stacks (series, split) VALUES (:series, :split) ON CONFLICT DO NOTHING;
-- keep_row.thumbnail
INSERT INTO thumbnail (series, png) VALUES (:series, :png) ON CONFLICT DO NOTHING;
-- folder_paths
SELECT folder.id, folder.volume, folder.path FROM folder ORDER BY folder.volume, folder.path;
